/** Requests and answers as lines of JSON. Any text may come: what is wrong with it is told by code. */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type ControlCode, ControlError } from './errors.ts'
import { isWhole, METHODS, type Method, type Params, type Result, whole } from './methods.ts'

/** Characters of a request: what is asked is short. */
export const REQUEST_LIMIT = 16_384
/** Characters of an answer: a page of flows, with room for longer names. */
export const ANSWER_LIMIT = 1_048_576

const requestCodec = t.strict({ id: whole, method: t.string, params: t.UnknownRecord })
const answerCodec = t.union([
  t.strict({ id: t.Int, result: t.unknown, error: t.undefined }),
  t.strict({ id: t.Int, error: t.strict({ code: t.string, message: t.string }) }),
])

export type Request = { [M in Method]: { id: number; method: M; params: Params<M> } }[Method]

/** Answers to lines that have no id are told by this one. */
export const NO_ID = -1

/** Throws CONTROL_JSON, CONTROL_SHAPE, CONTROL_METHOD. */
export function decodeRequest(line: string): Request {
  const { id, method, params } = decodeAs(requestCodec, parse(line))
  if (!isMethod(method))
    throw new ControlError(
      'CONTROL_METHOD',
      `there is no method '${shown(method)}'; there are ${Object.keys(METHODS).join(', ')}`,
    )
  return { id, method, params: decodeAs<unknown>(METHODS[method].params, params) } as Request
}

/** The id that a line of JSON seems to have, whatever else is wrong with it. */
export function idOf(line: string): number {
  try {
    const { id } = JSON.parse(line)
    return isWhole(id) ? id : NO_ID
  } catch {
    return NO_ID
  }
}

export const encodeRequest = <M extends Method>(id: number, method: M, params: Params<M>): string =>
  `${JSON.stringify({ id, method, params })}\n`

export const encodeResult = (id: number, result: unknown): string => `${JSON.stringify({ id, result })}\n`

export const encodeError = (id: number, code: string, message: string): string =>
  `${JSON.stringify({ id, error: { code, message } })}\n`

/** Throws CONTROL_JSON, CONTROL_SHAPE, and the error that was answered. */
export function decodeAnswer<M extends Method>(method: M, line: string): { id: number; result: Result<M> } {
  const answer = decodeAs(answerCodec, parse(line))
  if (answer.error !== undefined) {
    const { code, message } = answer.error
    throw new ControlError(code as ControlCode, message.replace(`${code}: `, ''))
  }
  return { id: answer.id, result: decodeAs<unknown>(METHODS[method].result, answer.result) as Result<M> }
}

const isMethod = (name: string): name is Method => Object.hasOwn(METHODS, name)

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new ControlError('CONTROL_JSON', `'${shown(line)}' is no JSON; send one object on each line`)
  }
}

function decodeAs<A>(codec: t.Decoder<unknown, A>, value: unknown): A {
  const decoded = codec.decode(value)
  if (isLeft(decoded)) throw new ControlError('CONTROL_SHAPE', faultOf(decoded.left))
  return decoded.right
}

/** The first thing that is wrong, in words. */
function faultOf(errors: t.Errors): string {
  const { context, value } = errors[0]!
  const path = context
    .slice(1)
    .map(({ key }) => key)
    .filter(key => !/^\d*$/.test(key))
  const where = path.join('.') || 'the line'
  const expected = context.at(-1)!.type.name
  return value === undefined
    ? `${where} is missing`
    : `${where} is ${shown(JSON.stringify(value) ?? typeof value)}, which is not ${expected}`
}

/** Characters of what others sent that are told back. */
const SHOWN = 60

const shown = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text)
