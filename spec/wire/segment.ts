/** The TCP header inside SAL (RFC 9293 3.1). Its ports are 0: flowIDs identify the flow. */
import { WIRE_FAULT, WireError } from './faults.ts'
import { read16, read32, write16, write32 } from './numbers.ts'
import { clearOptions, decodeOptions, encodeOptions, MOST_SACK_BLOCKS, optionBytes } from './options.ts'
import { foldSum, INTACT, internetSum, seal } from './sum.ts'

export const SEGMENT_BYTES = 20
const CHECKSUM_OFFSET = 16

/** Flags of a segment. */
export const TCP_FIN = 0x01
export const TCP_SYN = 0x02
export const TCP_RST = 0x04
export const TCP_PSH = 0x08
export const TCP_ACK = 0x10

/** A decoded segment; one object serves all. Numbers are unsigned; offsets refer to the bytes that it was read from. */
export interface Segment {
  seq: number
  ack: number
  flags: number
  /** As in the header: unscaled. */
  window: number
  /** 0 if absent. */
  mss: number
  /** -1 if absent; at most 14. */
  windowScale: number
  /** 0 or 1. */
  sackPermitted: number
  tsval: number
  tsecr: number
  /** 0 or 1. */
  hasTimestamp: number
  sackCount: number
  /** The first `sackCount` of 4: sequence numbers from `sackLeft[i]` up to, but excluding, `sackRight[i]`. */
  readonly sackLeft: Uint32Array
  readonly sackRight: Uint32Array
  /** The parts of its DATA option: 0 if absent, else HAS_DATA_ACK, perhaps with HAS_DATA_SEQ, and then HAS_DATA_END. */
  data: number
  dataAck: number
  /** The number of the first byte. With HAS_DATA_END the last byte stands for the end of the data and is none of it. */
  dataSeq: number
  /** The offset of the payload. Encoding ignores it. */
  payload: number
  end: number
}

export const newSegment = (): Segment => ({
  seq: 0,
  ack: 0,
  flags: 0,
  window: 0,
  mss: 0,
  windowScale: -1,
  sackPermitted: 0,
  tsval: 0,
  tsecr: 0,
  hasTimestamp: 0,
  sackCount: 0,
  sackLeft: new Uint32Array(MOST_SACK_BLOCKS),
  sackRight: new Uint32Array(MOST_SACK_BLOCKS),
  data: 0,
  dataAck: 0,
  dataSeq: 0,
  payload: 0,
  end: 0,
})

/**
 * Reads the segment in `bytes` from `start` to `end`, and reads nothing else. Returns 0, or the number of a WIRE_FAULT;
 * then `segment` is undefined. Never throws. Ignores ports, reserved bits and the urgent pointer, and does not verify
 * the checksum: see `segmentIsIntact`.
 */
export function decodeSegment(bytes: Uint8Array, start: number, end: number, segment: Segment): number {
  if (end - start < SEGMENT_BYTES) return WIRE_FAULT.SEGMENT_SHORT
  const length = ((bytes[start + 12] as number) >>> 4) * 4
  const payload = start + length
  if (length < SEGMENT_BYTES || payload > end) return WIRE_FAULT.SEGMENT_OFFSET
  segment.seq = read32(bytes, start + 4)
  segment.ack = read32(bytes, start + 8)
  segment.flags = bytes[start + 13] as number
  segment.window = read16(bytes, start + 14)
  segment.payload = payload
  segment.end = end
  clearOptions(segment)
  return length === SEGMENT_BYTES ? 0 : decodeOptions(bytes, start + SEGMENT_BYTES, payload, segment)
}

/** Returns how many bytes `encodeSegmentHeader` would write. */
export const segmentHeaderBytes = (segment: Segment): number => SEGMENT_BYTES + optionBytes(segment)

/**
 * Writes header and options at `at`, with checksum 0; call `sealSegment` once the payload follows. Returns the offset
 * after them. Writes options in the order MSS, window scale, SACK-permitted, timestamps, DATA, SACK. Throws WIRE_ROOM.
 */
export function encodeSegmentHeader(segment: Segment, out: Uint8Array, at: number): number {
  const length = segmentHeaderBytes(segment)
  const end = at + length
  if (end > out.length)
    throw new WireError('WIRE_ROOM', `the TCP header needs ${length} bytes: give a longer buffer`)
  write32(out, at, 0)
  write32(out, at + 4, segment.seq)
  write32(out, at + 8, segment.ack)
  out[at + 12] = (length >>> 2) << 4
  out[at + 13] = segment.flags
  write16(out, at + 14, segment.window)
  write32(out, at + CHECKSUM_OFFSET, 0)
  return length === SEGMENT_BYTES ? end : encodeOptions(segment, out, at + SEGMENT_BYTES)
}

/** Writes the checksum of a complete segment, header and payload, whose checksum field is 0. */
export function sealSegment(bytes: Uint8Array, start: number, end: number, pseudoSum: number): void {
  seal(bytes, start, end, start + CHECKSUM_OFFSET, pseudoSum)
}

/** True if the checksum of a complete segment is valid. False for bytes shorter than a header. */
export const segmentIsIntact = (bytes: Uint8Array, start: number, end: number, pseudoSum: number): boolean =>
  end - start >= SEGMENT_BYTES && foldSum(internetSum(bytes, start, end, pseudoSum)) === INTACT
