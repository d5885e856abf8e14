/** TCP's options (RFC 9293 3.2): MSS, window scale and timestamps (RFC 7323), selective acknowledgment (RFC 2018). */
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
    default:
      return true
  }
}

/** Returns how many of the segment's blocks fit beside its other options: 4, or 3 beside timestamps. */
function blocksThatFit(segment: Segment): number {
  const others =
    (segment.mss === 0 ? 0 : 4) +
    (segment.windowScale < 0 ? 0 : 4) +
    (segment.sackPermitted === 0 ? 0 : 4) +
    (segment.hasTimestamp === 0 ? 0 : 12)
  return Math.min(segment.sackCount, (MOST_OPTION_BYTES - others - 4) >>> 3)
}

/** Returns how many bytes `encodeOptions` would write: whole words. */
export function optionBytes(segment: Segment): number {
  const blocks = segment.sackCount === 0 ? 0 : blocksThatFit(segment)
  return (
    (segment.mss === 0 ? 0 : 4) +
    (segment.windowScale < 0 ? 0 : 4) +
    (segment.sackPermitted === 0 ? 0 : 4) +
    (segment.hasTimestamp === 0 ? 0 : 12) +
    (blocks === 0 ? 0 : 4 + 8 * blocks)
  )
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
  const blocks = segment.sackCount === 0 ? 0 : blocksThatFit(segment)
  if (blocks === 0) return at
  at = begin(SACK, 2 + 8 * blocks, out, at)
  for (let i = 0; i < blocks; i++) {
    write32(out, at - 8 * (blocks - i), segment.sackLeft[i] as number)
    write32(out, at - 8 * (blocks - i) + 4, segment.sackRight[i] as number)
  }
  return at
}

/** Writes kind and length of an option, padded in front, and returns where it ends: on a whole word. */
function begin(kind: number, length: number, out: Uint8Array, at: number): number {
  const end = at + ((length + 3) & ~3)
  for (let i = at; i < end - length; i++) out[i] = NOTHING
  out[end - length] = kind
  out[end - length + 1] = length
  return end
}
