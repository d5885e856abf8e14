/** Reads captures of this and other programs as datagrams. Accepts any bytes, and reports errors in them. */
import { type Capture, CaptureError } from './captured.ts'
import { BLOCK_FRAME, SECTION_HEADER } from './pcapng.ts'
import { isPcap, readPcap } from './readPcap.ts'
import { readPcapng } from './readPcapng.ts'

export { type Capture, type CaptureCode, type Captured, CaptureError } from './captured.ts'
export { MAX_INTERFACES } from './readPcapng.ts'

/** Throws CAPTURE_FORMAT, CAPTURE_BLOCK, CAPTURE_LIMIT. Skips or forgets IPv6 hosts beyond the size of the address table. */
export function readCapture(bytes: Uint8Array): Capture {
  if (isPcapng(bytes)) return readPcapng(bytes)
  if (isPcap(bytes)) return readPcap(bytes)
  throw new CaptureError(
    'CAPTURE_FORMAT',
    'this is neither a pcapng nor a pcap file; write one with serval capture, tcpdump or Wireshark',
  )
}

/** The type of its first block is the same in both byte orders. */
const isPcapng = (bytes: Uint8Array): boolean =>
  bytes.length >= BLOCK_FRAME &&
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0) === SECTION_HEADER
