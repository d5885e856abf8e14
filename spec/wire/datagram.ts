/** The UDP header inside SAL (RFC 768). Its ports are 0: flowIDs or serviceIDs identify the flow. */
import { WIRE_FAULT, WireError } from './faults.ts'
import { read16, write16, write32 } from './numbers.ts'
import { checksumOf, foldSum, INTACT, internetSum } from './sum.ts'

export const DATAGRAM_BYTES = 8
/** The length field has 16 bits and counts the header. */
export const MOST_DATAGRAM_PAYLOAD = 0xffff - DATAGRAM_BYTES
const LENGTH_OFFSET = 4
const CHECKSUM_OFFSET = 6

/** A decoded header; one object serves all datagrams. Offsets refer to the bytes that it was read from. */
export interface DatagramHeader {
  /** 0 means none. */
  checksum: number
  payload: number
  /** The end of the payload by the length field, possibly before the end of the packet. */
  end: number
}

export const newDatagramHeader = (): DatagramHeader => ({ checksum: 0, payload: 0, end: 0 })

/**
 * Reads the datagram in `bytes` from `start` to `end`, and reads nothing else. Returns 0, or the number of a
 * WIRE_FAULT; then `header` is undefined. Never throws. Ignores ports, and does not verify the checksum.
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
  header.checksum = read16(bytes, start + CHECKSUM_OFFSET)
  header.payload = start + DATAGRAM_BYTES
  header.end = start + length
  return 0
}

/**
 * Writes a header for `payloadBytes` at `at`, with checksum 0, which means none. Returns the offset after it. Throws
 * WIRE_ROOM, also for a payload above MOST_DATAGRAM_PAYLOAD.
 */
export function encodeDatagramHeader(payloadBytes: number, out: Uint8Array, at: number): number {
  if (payloadBytes > MOST_DATAGRAM_PAYLOAD)
    throw new WireError(
      'WIRE_ROOM',
      `a datagram holds ${MOST_DATAGRAM_PAYLOAD} bytes, not ${payloadBytes}: send several`,
    )
  const end = at + DATAGRAM_BYTES
  if (end > out.length)
    throw new WireError('WIRE_ROOM', `the UDP header needs ${DATAGRAM_BYTES} bytes: give a longer buffer`)
  write32(out, at, 0)
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
