/**
 * How two ends that know more than the prototype recognize each other: by an ADDRESS with two magic numbers, which the
 * prototype keeps and ignores. It holds a version, capabilities (spec/machines/flow/capabilities.ts) and parameters.
 * docs/wire.md shows the format.
 *
 * A parameter begins with a word: its type (8 bits), how many words follow (8 bits), and a value (16 bits). A receiver
 * skips types that it does not know. To add one: give it a type and a size in `SIZES`, a field in `Frame`, a case in
 * `decodeParameter`, and a field in `Negotiation` that `negotiate` writes.
 */
import { MOST_REFUSALS } from '../machines/resolution/limits.ts'
import { WIRE_FAULT } from './faults.ts'
import { ADDRESS_BYTES } from './format.ts'
import type { Frame } from './frame.ts'
import type { Advertisement } from './header.ts'
import { read16, read32 } from './numbers.ts'

/** `SERV` and `NEGO` in place of ADDRESS's verno and ackno. */
export const NEGOTIATION_VERNO = 0x5345_5256
export const NEGOTIATION_ACKNO = 0x4e45_474f

/** A receiver ignores other versions: it then speaks the prototype's protocol. */
const VERSION = 1
export const FIRST_WORD = VERSION * 2 ** 24

/** The value is the sum of the addresses that the transport's checksum covers. */
const ADDRESS_SUM = 1
/** The value is the UDP port of a forwarded packet's origin, the word its IPv4 address: a router writes both. */
export const ORIGIN = 2
/** The words are the challenge for the receiver's new address. */
const CHALLENGE = 4
/** The words are the challenge that the sender got at its new address. */
const ECHO = 5

/**
 * The value is the number of a repetition of the SYN, and the words name the instances that have refused it, at most
 * MOST_REFUSALS: routers lead it to others.
 */
const REPETITION = 6

/** The words are the sender's reset token. */
const TOKEN = 3

/** How many words follow the first word of each type. */
const SIZES: Readonly<Record<number, number>> = {
  [ADDRESS_SUM]: 0,
  [ORIGIN]: 1,
  [TOKEN]: 2,
  [CHALLENGE]: 2,
  [ECHO]: 2,
}

/** A value has 16 bits. */
const MOST_ATTEMPTS = 2 ** 16 - 1

/** 8 random bytes. */
export interface Challenge {
  readonly high: number
  readonly low: number
}

/** The content of a negotiation that a host sends. */
export interface Negotiation {
  readonly capabilities?: number
  /** The folded sum of the addresses that the transport's checksum covers, 16 bits; absent where there is no transport part. */
  readonly addressSum?: number
  /** 1: leaves room for the origin, which a router writes. */
  readonly hasOrigin?: number
  readonly token?: Challenge | undefined
  readonly challenge?: Challenge | undefined
  readonly echo?: Challenge | undefined
  readonly repetition?: Repetition | undefined
}

/** A SYN that was sent before. */
export interface Repetition {
  /** 16 bits. */
  readonly attempt: number
  /** `placeWord` of the instances that have refused it. */
  readonly refused: readonly number[]
}

/** Returns the word that names an IPv4 address and port to routers. Two places with one word only cost an attempt. */
export const placeWord = (ip: number, port: number): number => (ip ^ Math.imul(port, 0x9e3779b1)) >>> 0

const parameter = (type: number, value: number): number =>
  type * 2 ** 24 + (SIZES[type] as number) * 2 ** 16 + value

/** Returns the ADDRESS that says this. */
export function negotiate(content: Negotiation): Advertisement {
  const { capabilities = 0, addressSum, hasOrigin = 0, token, challenge, echo, repetition } = content
  const words = [FIRST_WORD + capabilities]
  if (addressSum !== undefined) words.push(parameter(ADDRESS_SUM, addressSum))
  if (challenge !== undefined) words.push(parameter(CHALLENGE, 0), challenge.high, challenge.low)
  if (echo !== undefined) words.push(parameter(ECHO, 0), echo.high, echo.low)
  if (hasOrigin === 1) words.push(parameter(ORIGIN, 0), 0)
  if (token !== undefined) words.push(parameter(TOKEN, 0), token.high, token.low)
  if (repetition !== undefined) words.push(...repetitionWords(repetition))
  return { verno: NEGOTIATION_VERNO, ackno: NEGOTIATION_ACKNO, addresses: words }
}

function repetitionWords({ attempt, refused }: Repetition): number[] {
  const named = refused.slice(0, MOST_REFUSALS)
  return [REPETITION * 2 ** 24 + named.length * 2 ** 16 + Math.min(attempt, MOST_ATTEMPTS), ...named]
}

/** Reads the repetition of a frame that has one. */
export function repetitionOf({ bytes, repetition }: Frame): Repetition {
  const count = bytes[repetition + 1] as number
  return {
    attempt: read16(bytes, repetition + 2),
    refused: Array.from({ length: count }, (_, i) => read32(bytes, repetition + 4 + 4 * i)),
  }
}

/**
 * Reads the ADDRESS at `at` into `frame`, unless its magic numbers or its version are others. Returns 0, or the fault
 * NEGOTIATION.
 */
export function decodeNegotiation(bytes: Uint8Array, at: number, length: number, frame: Frame): number {
  const start = at + ADDRESS_BYTES
  const end = at + length
  if (read32(bytes, at + 4) !== NEGOTIATION_VERNO || read32(bytes, at + 8) !== NEGOTIATION_ACKNO) return 0
  if (start === end) return WIRE_FAULT.NEGOTIATION
  if (bytes[start] !== VERSION) return 0
  frame.capabilities = read16(bytes, start + 2)
  for (let next = start + 4; next < end; ) {
    const after = next + 4 + 4 * (bytes[next + 1] as number)
    if (after > end || !decodeParameter(bytes, next, frame)) return WIRE_FAULT.NEGOTIATION
    next = after
  }
  return 0
}

/** Returns false if the parameter has the wrong size or is there for the second time. */
function decodeParameter(bytes: Uint8Array, at: number, frame: Frame): boolean {
  const type = bytes[at] as number
  if (type === REPETITION) {
    if (frame.repetition >= 0 || (bytes[at + 1] as number) > MOST_REFUSALS) return false
    frame.repetition = at
    return true
  }
  const size = SIZES[type]
  if (size === undefined) return true
  if (bytes[at + 1] !== size) return false
  switch (type) {
    case ADDRESS_SUM:
      if (frame.addressSum >= 0) return false
      frame.addressSum = read16(bytes, at + 2)
      return true
    case ORIGIN:
      if (frame.origin >= 0) return false
      frame.origin = at
      return true
    case TOKEN:
      if (frame.token >= 0) return false
      frame.token = at + 4
      return true
    case CHALLENGE:
      if (frame.challenge >= 0) return false
      frame.challenge = at + 4
      return true
    default:
      if (frame.echo >= 0) return false
      frame.echo = at + 4
      return true
  }
}
