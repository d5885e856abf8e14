/**
 * The UDP header inside SAL (RFC 768). FlowIDs or serviceIDs identify the flow, so its ports are free: they are 0, or hold a
 * label if the connection has several flows (docs/wire.md).
 */
import { WIRE_FAULT, WireError } from './faults.ts'
import { read16, read32, write16, write32 } from './numbers.ts'
import { checksumOf, foldSum, INTACT, internetSum } from './sum.ts'

export const DATAGRAM_BYTES = 8
/** The length field has 16 bits and counts the header. */
export const MOST_DATAGRAM_PAYLOAD = 0xffff - DATAGRAM_BYTES
/** A label's flags. With NUMBERED the packet holds a message of this number, with either of the others alone it holds none. */
export const LABEL_NUMBERED = 0x8000_0000
/** The sender asks for an answer in the same flow. */
export const LABEL_ASKS = 0x4000_0000
/** Answers a question of this number. */
export const LABEL_ANSWERS = 0x2000_0000
export const LABEL_FLAGS = 0xe000_0000
/** Numbers count from 0 to this, and then from 0 again. */
export const MOST_NUMBER = 0x1fff_ffff

const LENGTH_OFFSET = 4
const CHECKSUM_OFFSET = 6

/** A decoded header; one object serves all datagrams. Offsets refer to the bytes that it was read from. */
export interface DatagramHeader {
  /** The 32 bits of both ports. */
  label: number
  /** 0 means none. */
  checksum: number
  payload: number
  /** The end of the payload by the length field, possibly before the end of the packet. */
  end: number
}

export const newDatagramHeader = (): DatagramHeader => ({ label: 0, checksum: 0, payload: 0, end: 0 })

/**
 * Reads the datagram in `bytes` from `start` to `end`, and reads nothing else. Returns 0, or the number of a
 * WIRE_FAULT; then `header` is undefined. Never throws. Does not verify the checksum.
 */
export function decodeDatagram(
  bytes: Uint8Array,
  start: number,
  end: number,
  header: DatagramHeader,
): number {
  if (end - start < DATAGRAM_BYTES) return WIRE_FAULT.DATAGRAM_SHORT
  const length = read16(bytes, start + LENGTH_OFFSET)
  if (length < DATAGRAM_BYTES || start + length > end) return WIRE_FAULT.DATAGRAM_LENGTH
  header.label = read32(bytes, start)
  header.checksum = read16(bytes, start + CHECKSUM_OFFSET)
  header.payload = start + DATAGRAM_BYTES
  header.end = start + length
  return 0
}

/**
 * Writes a header for `payloadBytes` at `at`, with this label and checksum 0, which means none. Returns the offset after it. Throws
 * WIRE_ROOM, also for a payload above MOST_DATAGRAM_PAYLOAD.
 */
export function encodeDatagramHeader(payloadBytes: number, out: Uint8Array, at: number, label = 0): number {
  if (payloadBytes > MOST_DATAGRAM_PAYLOAD)
    throw new WireError(
      'WIRE_ROOM',
      `a datagram holds ${MOST_DATAGRAM_PAYLOAD} bytes, not ${payloadBytes}: send several`,
    )
  const end = at + DATAGRAM_BYTES
  if (end > out.length)
    throw new WireError('WIRE_ROOM', `the UDP header needs ${DATAGRAM_BYTES} bytes: give a longer buffer`)
  write32(out, at, label)
  write16(out, at + LENGTH_OFFSET, DATAGRAM_BYTES + payloadBytes)
  write16(out, at + CHECKSUM_OFFSET, 0)
  return end
}

/** Writes the checksum of a complete datagram whose checksum field is 0. A checksum of 0 is written in its other form. */
export function sealDatagram(bytes: Uint8Array, start: number, end: number, pseudoSum: number): void {
  const checksum = checksumOf(internetSum(bytes, start, end, pseudoSum))
  write16(bytes, start + CHECKSUM_OFFSET, checksum === 0 ? INTACT : checksum)
}

/**
 * True if a complete datagram's checksum is valid, or absent. `end` is the header's: later bytes are not covered. False
 * for bytes shorter than a header.
 */
export const datagramIsIntact = (bytes: Uint8Array, start: number, end: number, pseudoSum: number): boolean =>
  end - start >= DATAGRAM_BYTES &&
  (read16(bytes, start + CHECKSUM_OFFSET) === 0 ||
    foldSum(internetSum(bytes, start, end, pseudoSum)) === INTACT)
