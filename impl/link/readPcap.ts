/** Reads captures in pcap, the older format (draft-ietf-opsawg-pcap), in either byte order. */
import { type Capture, type Captured, CaptureError } from './captured.ts'
import { readFramed } from './framing.ts'

/** The magic numbers, in the file's own byte order: times in microseconds or nanoseconds. */
const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d

const FILE_HEAD = 24
const PACKET_HEAD = 16
/** No packet is longer. A longer length means that the file is not pcap, rather than that it is cut. */
const MOST_BYTES = 2 ** 18
/** The link type has 16 bits; the bits above describe checksums. */
const LINK_TYPE_BITS = 0xffff

const magic = (bytes: Uint8Array, isLittle: boolean): number =>
  bytes.length < FILE_HEAD ? 0 : viewOf(bytes).getUint32(0, isLittle)

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const isKnown = (value: number): boolean => value === MICROSECONDS || value === NANOSECONDS

export const isPcap = (bytes: Uint8Array): boolean =>
  isKnown(magic(bytes, true)) || isKnown(magic(bytes, false))

/** `isPcap` must hold for the file. Throws CAPTURE_BLOCK. */
export function readPcap(bytes: Uint8Array): Capture {
  const view = viewOf(bytes)
  const isLittle = isKnown(magic(bytes, true))
  const ticksPerMs = magic(bytes, isLittle) === NANOSECONDS ? 1e6 : 1e3
  const linkType = view.getUint32(20, isLittle) & LINK_TYPE_BITS
  const datagrams: Captured[] = []
  let skipped = 0
  let at = FILE_HEAD
  while (bytes.length - at >= PACKET_HEAD) {
    const length = view.getUint32(at + 8, isLittle)
    if (length > MOST_BYTES)
      throw new CaptureError(
        'CAPTURE_BLOCK',
        `at byte ${at} there is a packet of ${length} bytes; write the capture again`,
      )
    const start = at + PACKET_HEAD
    if (length > bytes.length - start) break
    const timeMs = view.getUint32(at, isLittle) * 1000 + view.getUint32(at + 4, isLittle) / ticksPerMs
    const framed = readFramed(linkType, bytes, start, start + length)
    if (framed === undefined) skipped++
    else datagrams.push({ ...framed, timeMs, number: skipped + datagrams.length + 1 })
    at = start + length
  }
  return { datagrams, skipped, isCut: at < bytes.length }
}
