/**
 * What goes over the network: the record of a campaign, its units, and their replies, as JSON. Whatever a decoder accepts is
 * within limits, and its names are still to be looked up.
 */
import { createHash } from 'node:crypto'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { DEPTH_LIMIT, faultText, parseJson } from '../../checker/text/json.ts'
import { checkReply, checkRequest, checkUnit, checkUnits } from '../check/unit.ts'
import { fuzzReply, fuzzRequest, fuzzUnit, fuzzUnits } from '../fuzz/unit.ts'
import { simulateReply, simulateRequest, simulateUnit, simulateUnits } from '../simulate/unit.ts'
import { codeHash } from './code.ts'
import { count } from './codecs.ts'
import { MOST_REPLY_CHARACTERS, MOST_UNIT_CHARACTERS, MOST_VALUES } from './limits.ts'

/** The version of these messages. */
const FORMAT = 1

const request = t.union([fuzzRequest, simulateRequest, checkRequest])
/** The work of one command. `unitsOf` splits it into units. */
export type Request = t.TypeOf<typeof request>

const unit = t.union([fuzzUnit, simulateUnit, checkUnit])
export type Unit = t.TypeOf<typeof unit>

const reply = t.union([fuzzReply, simulateReply, checkReply])
export type Reply = t.TypeOf<typeof reply>

const version = { format: t.literal(FORMAT), code: t.string }
const record = t.type({ ...version, request })
export type Record = t.TypeOf<typeof record>

/** `of` is the id of the campaign's record. A campaign may have had the same name before. */
const place = { of: t.string, index: count }
const unitMessage = t.type({ ...place, unit })
const replyMessage = t.union([t.type({ ...place, reply }), t.type({ ...place, failed: t.string })])
export type ReplyMessage = t.TypeOf<typeof replyMessage>

/** Returns the units of each job of a request. */
export function unitsOf(request: Request): readonly (readonly Unit[])[] {
  switch (request.kind) {
    case 'fuzz':
      return fuzzUnits(request)
    case 'simulate':
      return [simulateUnits(request)]
    case 'check':
      return checkUnits(request)
  }
}

export const encodeRecord = (request: Request): string =>
  JSON.stringify({ format: FORMAT, code: codeHash(), request })

const ID_DIGITS = 16

/** Returns the id of a record. */
export const idOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, ID_DIGITS)

/** Decodes a record. Throws an error that says what is wrong. */
export const decodeRecord = (text: string): Record => decode(record, text, MOST_UNIT_CHARACTERS)

/** Decodes the version of a record, which may be of any other version. Throws an error that says what is wrong. */
export const decodeVersion = (text: string): { readonly code: string; readonly isOurs: boolean } => {
  const { format, code } = decode(t.type({ format: count, code: t.string }), text, MOST_UNIT_CHARACTERS)
  return { code, isOurs: format === FORMAT && code === codeHash() }
}

export const encodeUnit = (of: string, index: number, unit: Unit): string =>
  JSON.stringify({ of, index, unit })

/** Decodes a unit. Throws an error that says what is wrong. */
export const decodeUnit = (text: string): t.TypeOf<typeof unitMessage> =>
  decode(unitMessage, text, MOST_UNIT_CHARACTERS)

export const encodeReply = (message: ReplyMessage): string => JSON.stringify(message)

/** Decodes a reply. Throws an error that says what is wrong. */
export const decodeReply = (text: string): ReplyMessage => decode(replyMessage, text, MOST_REPLY_CHARACTERS)

function decode<A>(codec: t.Type<A, unknown>, text: string, characters: number): A {
  const decoded = codec.decode(parseJson(text, { characters, depth: DEPTH_LIMIT, values: MOST_VALUES }))
  if (isLeft(decoded)) throw new Error(faultText(decoded.left, 'the message'))
  return decoded.right
}
