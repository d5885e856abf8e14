/**
 * TCP's options (RFC 9293 3.2): MSS, window scale and timestamps (RFC 7323), selective acknowledgment (RFC 2018), and the
 * data of a connection over several flows, which has its own numbers (as in RFC 8684 3.3).
 */
import { WIRE_FAULT } from './faults.ts'
import { read16, read32, write16, write32 } from './numbers.ts'
import type { Segment } from './segment.ts'

const END = 0
const NOTHING = 1
const MSS = 2
const WINDOW_SCALE = 3
const SACK_PERMITTED = 4
const SACK = 5
const TIMESTAMPS = 8
/** An experimental option; two bytes after its length say whose it is (RFC 6994). */
const EXPERIMENT = 253

/** Two identifiers are ours: of a DATA option (SA), and of one in the segment with the end of the data (SE). */
const DATA_ID = 0x5341
const DATA_END_ID = 0x5345
/** The bytes of a DATA option without and with a data sequence number. */
const DATA_ACK_BYTES = 8
export const DATA_BYTES = 12

/** Parts of a DATA option: an acknowledgment, a sequence number, the end of the data. A sum of them is valid as below. */
export const HAS_DATA_ACK = 1
export const HAS_DATA_SEQ = 2
export const HAS_DATA_END = 4

/** The limit of the data offset: 15 words, minus the header's 5. */
export const MOST_OPTION_BYTES = 40
/** The number that fits in MOST_OPTION_BYTES. */
export const MOST_SACK_BLOCKS = 4
/** A larger shift makes windows that sequence numbers cannot distinguish (RFC 7323 2.3). */
export const MOST_WINDOW_SCALE = 14

export function clearOptions(segment: Segment): void {
  segment.mss = 0
  segment.windowScale = -1
  segment.sackPermitted = 0
  segment.tsval = 0
  segment.tsecr = 0
  segment.hasTimestamp = 0
  segment.sackCount = 0
  segment.data = 0
  segment.dataAck = 0
  segment.dataSeq = 0
}

/** Reads options from `start` to `end`. Skips unknown options; of a repeated option the last one counts. */
export function decodeOptions(bytes: Uint8Array, start: number, end: number, segment: Segment): number {
  for (let at = start; at < end; ) {
    const kind = bytes[at] as number
    if (kind === END) return 0
    if (kind === NOTHING) {
      at += 1
      continue
    }
    const length = at + 1 < end ? (bytes[at + 1] as number) : 0
    if (length < 2 || at + length > end || !decodeOption(bytes, at, kind, length, segment))
      return WIRE_FAULT.OPTION_LENGTH
    at += length
  }
  return 0
}

/** Decodes one option. Returns false if its length does not fit its kind. */
function decodeOption(
  bytes: Uint8Array,
  at: number,
  kind: number,
  length: number,
  segment: Segment,
): boolean {
  switch (kind) {
    case MSS:
      if (length !== 4) return false
      segment.mss = read16(bytes, at + 2)
      return true
    case WINDOW_SCALE:
      if (length !== 3) return false
      segment.windowScale = Math.min(bytes[at + 2] as number, MOST_WINDOW_SCALE)
      return true
    case SACK_PERMITTED:
      if (length !== 2) return false
      segment.sackPermitted = 1
      return true
    case SACK: {
      const count = (length - 2) / 8
      if (count < 1 || count > MOST_SACK_BLOCKS || !Number.isInteger(count)) return false
      for (let i = 0; i < count; i++) {
        segment.sackLeft[i] = read32(bytes, at + 2 + 8 * i)
        segment.sackRight[i] = read32(bytes, at + 6 + 8 * i)
      }
      segment.sackCount = count
      return true
    }
    case TIMESTAMPS:
      if (length !== 10) return false
      segment.tsval = read32(bytes, at + 2)
      segment.tsecr = read32(bytes, at + 6)
      segment.hasTimestamp = 1
      return true
    case EXPERIMENT:
      return length < 4 || decodeData(bytes, at, length, segment)
    default:
      return true
  }
}

/** Decodes a DATA option; skips an experiment of others. */
function decodeData(bytes: Uint8Array, at: number, length: number, segment: Segment): boolean {
  const id = read16(bytes, at + 2)
  if (id !== DATA_ID && id !== DATA_END_ID) return true
  if (length !== DATA_BYTES && (length !== DATA_ACK_BYTES || id === DATA_END_ID)) return false
  segment.dataAck = read32(bytes, at + 4)
  segment.dataSeq = length === DATA_BYTES ? read32(bytes, at + 8) : 0
  segment.data =
    HAS_DATA_ACK | (length === DATA_BYTES ? HAS_DATA_SEQ : 0) | (id === DATA_END_ID ? HAS_DATA_END : 0)
  return true
}

/** Returns how many bytes all options but the SACK blocks take. */
const otherBytes = (segment: Segment): number =>
  (segment.mss === 0 ? 0 : 4) +
  (segment.windowScale < 0 ? 0 : 4) +
  (segment.sackPermitted === 0 ? 0 : 4) +
  (segment.hasTimestamp === 0 ? 0 : 12) +
  (segment.data === 0 ? 0 : segment.data & HAS_DATA_SEQ ? DATA_BYTES : DATA_ACK_BYTES)

/** Returns how many of the segment's blocks fit beside its other options: 4, or 3 beside timestamps, or 2 beside both. */
const blocksThatFit = (segment: Segment): number =>
  Math.min(segment.sackCount, Math.max(0, (MOST_OPTION_BYTES - otherBytes(segment) - 4) >> 3))

/** Returns how many bytes `encodeOptions` would write: whole words. */
export function optionBytes(segment: Segment): number {
  const blocks = segment.sackCount === 0 ? 0 : blocksThatFit(segment)
  return otherBytes(segment) + (blocks === 0 ? 0 : 4 + 8 * blocks)
}

/** Each option ends on a whole word, padded in front like the prototype's. Omits SACK blocks that do not fit. */
export function encodeOptions(segment: Segment, out: Uint8Array, start: number): number {
  let at = start
  if (segment.mss !== 0) {
    at = begin(MSS, 4, out, at)
    write16(out, at - 2, segment.mss)
  }
  if (segment.windowScale >= 0) {
    at = begin(WINDOW_SCALE, 3, out, at)
    out[at - 1] = segment.windowScale
  }
  if (segment.sackPermitted !== 0) at = begin(SACK_PERMITTED, 2, out, at)
  if (segment.hasTimestamp !== 0) {
    at = begin(TIMESTAMPS, 10, out, at)
    write32(out, at - 8, segment.tsval)
    write32(out, at - 4, segment.tsecr)
  }
  if (segment.data !== 0) at = encodeData(segment, out, at)
  const blocks = segment.sackCount === 0 ? 0 : blocksThatFit(segment)
  if (blocks === 0) return at
  at = begin(SACK, 2 + 8 * blocks, out, at)
  for (let i = 0; i < blocks; i++) {
    write32(out, at - 8 * (blocks - i), segment.sackLeft[i] as number)
    write32(out, at - 8 * (blocks - i) + 4, segment.sackRight[i] as number)
  }
  return at
}

function encodeData({ data, dataAck, dataSeq }: Segment, out: Uint8Array, start: number): number {
  const length = data & HAS_DATA_SEQ ? DATA_BYTES : DATA_ACK_BYTES
  const end = begin(EXPERIMENT, length, out, start)
  write16(out, start + 2, data & HAS_DATA_END ? DATA_END_ID : DATA_ID)
  write32(out, start + 4, dataAck)
  if (data & HAS_DATA_SEQ) write32(out, start + 8, dataSeq)
  return end
}

/** Writes kind and length of an option, padded in front, and returns where it ends: on a whole word. */
function begin(kind: number, length: number, out: Uint8Array, at: number): number {
  const end = at + ((length + 3) & ~3)
  for (let i = at; i < end - length; i++) out[i] = NOTHING
  out[end - length] = kind
  out[end - length + 1] = length
  return end
}
