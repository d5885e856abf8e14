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

/** The words are the sender's key of the connection that the flow opens. */
const KEY = 7

/** The flow joins a connection: see `Join`. */
const JOIN = 8

/** The sender's addresses, and its wishes for flows: see `Advert`. */
const ADVERTISED = 9

/** The value is the version of the peer's advertisement, the words are the MAC. */
const ECHOED = 10

/** How many words follow the first word of each type. */
const SIZES: Readonly<Record<number, number>> = {
  [ADDRESS_SUM]: 0,
  [ORIGIN]: 1,
  [TOKEN]: 2,
  [CHALLENGE]: 2,
  [ECHO]: 2,
  [KEY]: 2,
  [JOIN]: 3,
  [ECHOED]: 2,
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
  readonly key?: Challenge | undefined
  readonly join?: Join | undefined
  readonly advertised?: Advert | undefined
  readonly echoed?: Echo | undefined
}

/** The parameter JOIN, in the handshake of a flow that joins a connection. */
export interface Join {
  /** A set of JOIN_ bits; 16 bits. */
  readonly flags: number
  /** In a SYN: the receiver's flowID of a flow of the connection. In all other packets 0. */
  readonly flow: number
  /** Proves the keys of the connection. */
  readonly mac: Challenge
}

/** The sender wants data on this flow only while no other works. */
export const JOIN_BACKUP = 1

/** One line of an advertisement: an address of the sender, or what it wants for one of its flows. */
export interface AdvertLine {
  readonly kind: number
  /** Of a flow a set of WISH_ bits, of an address 0; 8 bits. */
  readonly wishes: number
  /** Of an address its UDP port, of a flow 0; 16 bits. */
  readonly port: number
  /** The IPv4 address, or the sender's flowID. */
  readonly word: number
}

/** The kinds of lines. A receiver skips others. */
export const LINE = { ADDRESS: 1, FLOW: 2 } as const

/** The sender wants data on the flow only while no other works. */
export const WISH_BACKUP = 1
/** The sender wants the flow to end. */
export const WISH_LEAVE = 2

/** All that an end says of its connection: a newer advertisement replaces an older one. */
export interface Advert {
  /** 16 bits, on a circle (RFC 1982). */
  readonly version: number
  readonly lines: readonly AdvertLine[]
  readonly mac: Challenge
}

/** An end has the peer's advertisement of this version. */
export interface Echo {
  readonly version: number
  readonly mac: Challenge
}

/** 8 addresses and as many flows: more than hosts have networks. With them the largest control packet fits in one ADDRESS. */
export const MOST_LINES = 16

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
  const { key, join, advertised, echoed } = content
  if (key !== undefined) words.push(parameter(KEY, 0), key.high, key.low)
  if (join !== undefined) words.push(parameter(JOIN, join.flags), join.flow, join.mac.high, join.mac.low)
  if (echoed !== undefined) words.push(parameter(ECHOED, echoed.version), echoed.mac.high, echoed.mac.low)
  if (advertised !== undefined) words.push(...advertWords(advertised))
  return { verno: NEGOTIATION_VERNO, ackno: NEGOTIATION_ACKNO, addresses: words }
}

function repetitionWords({ attempt, refused }: Repetition): number[] {
  const named = refused.slice(0, MOST_REFUSALS)
  return [REPETITION * 2 ** 24 + named.length * 2 ** 16 + Math.min(attempt, MOST_ATTEMPTS), ...named]
}

function advertWords({ version, lines, mac }: Advert): number[] {
  const told = lines.slice(0, MOST_LINES)
  return [
    ADVERTISED * 2 ** 24 + (2 * told.length + 2) * 2 ** 16 + version,
    ...told.flatMap(({ kind, wishes, port, word }) => [kind * 2 ** 24 + wishes * 2 ** 16 + port, word]),
    ...[mac.high, mac.low],
  ]
}

const pairAt = (bytes: Uint8Array, at: number): Challenge => ({
  high: read32(bytes, at),
  low: read32(bytes, at + 4),
})

/** Returns the key of a frame that has one. */
export const keyOf = ({ bytes, key }: Frame): Challenge => pairAt(bytes, key)

/** Reads the JOIN of a frame that has one. */
export const joinOf = ({ bytes, join }: Frame): Join => ({
  flags: read16(bytes, join + 2),
  flow: read32(bytes, join + 4),
  mac: pairAt(bytes, join + 8),
})

/** Reads the advertisement of a frame that has one. */
export function advertOf({ bytes, advertised: at }: Frame): Advert {
  const count = ((bytes[at + 1] as number) - 2) / 2
  return {
    version: read16(bytes, at + 2),
    lines: Array.from({ length: count }, (_, i) => ({
      kind: bytes[at + 4 + 8 * i] as number,
      wishes: bytes[at + 5 + 8 * i] as number,
      port: read16(bytes, at + 6 + 8 * i),
      word: read32(bytes, at + 8 + 8 * i),
    })),
    mac: pairAt(bytes, at + 4 + 8 * count),
  }
}

/** Reads the echo of a frame that has one. */
export const echoedOf = ({ bytes, echoed: at }: Frame): Echo => ({
  version: read16(bytes, at + 2),
  mac: pairAt(bytes, at + 4),
})

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
  const words = bytes[at + 1] as number
  if (type === REPETITION) {
    if (frame.repetition >= 0 || words > MOST_REFUSALS) return false
    frame.repetition = at
    return true
  }
  if (type === ADVERTISED) {
    if (frame.advertised >= 0 || words < 2 || words % 2 !== 0 || words > 2 * MOST_LINES + 2) return false
    frame.advertised = at
    return true
  }
  const size = SIZES[type]
  if (size === undefined) return true
  return words === size && decodeSized(type, bytes, at, frame)
}

/** Returns false if the parameter is there for the second time. */
function decodeSized(type: number, bytes: Uint8Array, at: number, frame: Frame): boolean {
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
    case ECHO:
      if (frame.echo >= 0) return false
      frame.echo = at + 4
      return true
    case KEY:
      if (frame.key >= 0) return false
      frame.key = at + 4
      return true
    case JOIN:
      if (frame.join >= 0) return false
      frame.join = at
      return true
    default:
      if (frame.echoed >= 0) return false
      frame.echoed = at
      return true
  }
}
