/** Requests and answers as lines of JSON. Accepts any text, and reports errors in it by code. */

import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { at } from '../../checker/text/at.ts'
import {
  DEPTH_LIMIT,
  type JsonError,
  type JsonLimits,
  parseJson,
  placeOf,
  shown,
} from '../../checker/text/json.ts'
import { type AdminCode, AdminError } from './errors.ts'
import { isWhole, METHODS, type Method, type Params, type Result, whole } from './methods.ts'

/** Characters of a request; requests are short. */
export const REQUEST_LIMIT = 16_384
/** Characters of an answer: a page of flows with room for long names. */
export const ANSWER_LIMIT = 1_048_576

/** A page has 512 flows with about 15 values each. */
const LINE_LIMITS: JsonLimits = { characters: ANSWER_LIMIT, depth: DEPTH_LIMIT, values: 16_384 }

const requestCodec = t.strict({ id: whole, method: t.string, params: t.UnknownRecord })
const answerCodec = t.union([
  t.strict({ id: t.Int, result: t.unknown, error: t.undefined }),
  t.strict({ id: t.Int, error: t.strict({ code: t.string, message: t.string }) }),
])

export type Request = { [M in Method]: { id: number; method: M; params: Params<M> } }[Method]

/** The id of answers to lines without one. */
export const NO_ID = -1

/** Throws ADMIN_JSON, ADMIN_SHAPE, ADMIN_METHOD. */
export function decodeRequest(line: string): Request {
  const { id, method, params } = decodeAs(requestCodec, parse(line))
  if (!isMethod(method))
    throw new AdminError(
      'ADMIN_METHOD',
      `there is no method ${shown(method, SHOWN_CHARACTERS)}; there are ${Object.keys(METHODS).join(', ')}`,
    )
  return { id, method, params: decodeAs<unknown>(METHODS[method].params, params) } as Request
}

/** Returns the id in a malformed line, if it can be read. */
export function idOf(line: string): number {
  try {
    const { id } = parseJson(line, LINE_LIMITS) as { readonly id: unknown }
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

/** Throws ADMIN_JSON, ADMIN_SHAPE, and the error in the answer. */
export function decodeAnswer<M extends Method>(method: M, line: string): { id: number; result: Result<M> } {
  const answer = decodeAs(answerCodec, parse(line))
  if (answer.error !== undefined) {
    const { code, message } = answer.error
    throw new AdminError(code as AdminCode, message.replace(`${code}: `, ''))
  }
  return { id: answer.id, result: decodeAs<unknown>(METHODS[method].result, answer.result) as Result<M> }
}

const isMethod = (name: string): name is Method => Object.hasOwn(METHODS, name)

function parse(line: string): unknown {
  try {
    return parseJson(line, LINE_LIMITS)
  } catch (error) {
    const why = (error as JsonError).message
    throw new AdminError(
      'ADMIN_JSON',
      `${shown(line, SHOWN_CHARACTERS)} is not a message in JSON (${why}); send one object on each line`,
    )
  }
}

function decodeAs<A>(codec: t.Decoder<unknown, A>, value: unknown): A {
  const decoded = codec.decode(value)
  if (isLeft(decoded)) throw new AdminError('ADMIN_SHAPE', faultOf(decoded.left))
  return decoded.right
}

/** Returns the first fault in words. */
function faultOf(errors: t.Errors): string {
  const { where, found, expected } = placeOf(at(errors, 0))
  const place = where || 'the line'
  return found === 'missing' ? `${place} is missing` : `${place} is ${found}, which is not ${expected}`
}

/** How many characters of outside input an error message quotes. */
const SHOWN_CHARACTERS = 60
