/** Mutates captured packets so that they reach deep into decoding: mostly with a corrected checksum. */
import { must } from '../../../checker/text/at.ts'
import { ADDRESS, CHECK_OFFSET, HEADER_BYTES, SOURCE } from '../format.ts'
import { write16 } from '../numbers.ts'
import { made } from './made.ts'
import { naiveSum } from './naive.ts'
import { salPackets } from './pcap.ts'

/** 32 random bits at a time, reproducible from a seed (mulberry32). */
export type Random = () => number
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
}

/** Groups packets by shape, so that few SYNs are mutated as often as thousands of segments. */
function byShape(packets: readonly Uint8Array[]): Uint8Array[][] {
  const groups = new Map<string, Uint8Array[]>()
  for (const bytes of packets) {
    const flags = bytes[8] === 3 ? 0 : bytes[14]
    const shape = [bytes[8], bytes[9], flags, bytes.length > 200].join()
    const group = groups.get(shape)
    if (group) group.push(bytes)
    else groups.set(shape, [bytes])
  }
  return [...groups.values()]
}

const shapes = byShape([...salPackets.map(({ bytes }) => bytes), ...made, ...made])
const longest = Math.max(...shapes.flat().map(({ length }) => length))
/** The longest mutant: splices and insertions exceed the longest packet. */
export const MUTANT_BYTES = 2 * longest

const pick = <T>(random: Random, list: readonly T[]): T => must(list[random() % list.length])

const drawPacket = (random: Random): Uint8Array => pick(random, pick(random, shapes))

/** Returns the offsets of extensions, as far as they can be followed. */
function extensionsOf(out: Uint8Array, length: number): number[] {
  const found: number[] = []
  const end = Math.min(must(out[8]) * 4, length)
  for (let at = HEADER_BYTES; at < end; at += must(out[at]) < 16 ? 1 : Math.max(1, must(out[at + 1])))
    found.push(at)
  return found
}

const TELLING = [0, 1, 2, 3, 4, 8, 10, 0x10, 0x14, 0x20, 0x24, 0x30, 0x40, 0x50, 0x7f, 0x80, 0xfe, 0xff]

/** Changes the packet of `length` bytes in `out`; returns its new length. */
type Mutation = (random: Random, out: Uint8Array, length: number) => number

const flipBits: Mutation = (random, out, length) => {
  for (let n = 1 + (random() % 4); n > 0; n--)
    out[random() % length] = must(out[random() % length]) ^ (1 << (random() % 8))
  return length
}

const cutOff: Mutation = (random, _out, length) => random() % (length + 1)

const setByte: Mutation = (random, out, length) => {
  out[random() % Math.min(length, 100)] = pick(random, TELLING)
  return length
}

const changeHeaderLength: Mutation = (random, out, length) => {
  out[8] = random() % 4 === 0 ? random() : must(out[8]) + (random() % 5) - 2
  return length
}

const changeExtension: Mutation = (random, out, length) => {
  const found = extensionsOf(out, length)
  if (found.length === 0) return length
  const at = pick(random, found)
  if (random() % 4 === 0) out[at] = random() % 0x60
  else out[at + 1] = random() % 2 === 0 ? random() : pick(random, TELLING)
  return length
}

/** Inserts an extension of another packet, or some PADs, and corrects the length. */
const insertExtension: Mutation = (random, out, length) => {
  if (length < HEADER_BYTES || length > longest) return length
  const other = drawPacket(random)
  const at = pick(random, [HEADER_BYTES, ...extensionsOf(out, length)])
  const from = pick(random, [...extensionsOf(other, other.length), 0])
  const piece =
    from === 0
      ? new Uint8Array(4 * (1 + (random() % 3)))
      : other.subarray(from, from + ((other[from + 1] ?? 0) & 0x7c))
  out.copyWithin(at + piece.length, at, length)
  out.set(piece, at)
  out[8] = must(out[8]) + piece.length / 4
  return length + piece.length
}

/** As many addresses as one byte of length allows. */
const MOST_SOURCES = 62

/** Removes the extension at this offset. Returns the new length. */
function removeExtension(out: Uint8Array, length: number, at: number): number {
  const bytes = must(out[at + 1]) & 0xfc
  out.copyWithin(at, at + bytes, length)
  out[8] = must(out[8]) - bytes / 4
  return length - bytes
}

/** Replaces SOURCE by one with up to the maximum number of addresses. */
const insertSource: Mutation = (random, out, given) => {
  const old = extensionsOf(out, given).find(at => must(out[at]) >>> 4 === SOURCE)
  const length = old === undefined ? given : removeExtension(out, given, old)
  const count = random() % 4 === 0 ? MOST_SOURCES : 2 + (random() % 4)
  const bytes = 4 + 4 * count
  if (length < HEADER_BYTES || length + bytes > MUTANT_BYTES) return length
  out.copyWithin(HEADER_BYTES + bytes, HEADER_BYTES, length)
  out.fill(random(), HEADER_BYTES, HEADER_BYTES + bytes)
  out[HEADER_BYTES] = SOURCE << 4
  out[HEADER_BYTES + 1] = bytes
  out[8] = must(out[8]) + bytes / 4
  return length + bytes
}

/** Changes types, sizes and version of a negotiation, or its magic numbers. */
const changeNegotiation: Mutation = (random, out, length) => {
  const at = extensionsOf(out, length).find(place => must(out[place]) >>> 4 === ADDRESS)
  const size = at === undefined ? 0 : must(out[at + 1])
  if (at === undefined || at + size > length || size < 4) return length
  for (let n = 1 + (random() % 2); n > 0; n--)
    out[at + 4 * (random() % (size / 4)) + (random() % 2)] = pick(random, [0, 1, 1, 2, 2, 3])
  return length
}

/** Joins the beginning of this packet and the end of another. */
const splice: Mutation = (random, out, length) => {
  const other = drawPacket(random)
  const at = random() % (Math.min(length, longest) + 1)
  const from = random() % other.length
  out.set(other.subarray(from), at)
  return at + other.length - from
}

/** Makes room for TCP options and fills it randomly. */
const scrambleOptions: Mutation = (random, out, length) => {
  const at = must(out[8]) * 4
  if (at + 20 >= length) return length
  out[at + 12] = random() % 3 === 0 ? random() : (5 + (random() % 11)) << 4
  for (let n = random() % 12; n > 0; n--) {
    const place = at + 20 + (random() % 40)
    if (place < length) out[place] = random() % 2 === 0 ? random() % 12 : pick(random, TELLING)
  }
  return length
}

const mutations: readonly Mutation[] = [
  flipBits,
  cutOff,
  setByte,
  changeHeaderLength,
  changeExtension,
  changeExtension,
  insertExtension,
  insertExtension,
  insertSource,
  changeNegotiation,
  splice,
  scrambleOptions,
]

/** Corrects the header's checksum, if the header is complete. */
function repair(out: Uint8Array, length: number): void {
  const end = must(out[8]) * 4
  if (end < HEADER_BYTES || end > length) return
  write16(out, CHECK_OFFSET, 0)
  write16(out, CHECK_OFFSET, ~naiveSum(out.subarray(0, end)))
}

/**
 * Writes a mutant of `packet`, or of a captured packet, to the start of `out` (MUTANT_BYTES long) and returns its
 * length. Cuts a packet longer than every captured one.
 */
export function mutate(random: Random, out: Uint8Array, given?: Uint8Array): number {
  const packet = given?.subarray(0, longest) ?? drawPacket(random)
  out.set(packet)
  let length = packet.length
  for (let n = 1 + (random() % 3); n > 0 && length > 0; n--)
    length = pick(random, mutations)(random, out, length)
  if (random() % 8 !== 0) repair(out, length)
  return length
}
