/**
 * What a router makes of a first packet that it sends on: SOURCE says who asked and through whom it went, and the
 * destination is another. Nothing else changes, and checksums are corrected for that alone, so that a router neither
 * reads payload nor repairs what was damaged before it. docs/wire.md draws it.
 */
import { CHECK_OFFSET, MOST_SOURCES, PROTOCOL_STREAM, SOURCE, SOURCE_BYTES } from './format.ts'
import type { Frame } from './frame.ts'
import { read16, read32, write16, write32 } from './numbers.ts'
import { adjustChecksum, seal } from './sum.ts'

/** A header's length is one byte that counts words. */
const MOST_HEADER_WORDS = 255
const SEGMENT_CHECK = 16
const DATAGRAM_CHECK = 6

/** The original source of a packet that was forwarded, 32 bits; only of a frame with SOURCE. */
export const originIp = (frame: Frame): number => read32(frame.bytes, frame.sources)

/** Its UDP port, which stands in SOURCE's reserved bytes; 0 is the default port. Only of a frame with SOURCE. */
export const originPort = (frame: Frame): number => read16(frame.bytes, frame.sources - 2)

/** Whether an IPv4 address stands in the frame's SOURCE: the origin, or one who forwarded it. */
export function isInSources({ bytes, sources, sourceCount }: Frame, ip: number): boolean {
  for (let i = 0; i < sourceCount; i++) if (read32(bytes, sources + 4 * i) === ip) return true
  return false
}

/** The frame's SOURCE with one address more, as the SYN-ACK of a forwarded SYN has it. */
export function sourcesWith({ bytes, sources, sourceCount }: Frame, ip: number): number[] {
  return [...Array.from({ length: sourceCount }, (_, i) => read32(bytes, sources + 4 * i)), ip]
}

/** Bytes by which a packet grows when it is forwarded. */
export const forwardedGrowth = ({ sourceCount }: Frame): number => (sourceCount === 0 ? SOURCE_BYTES + 8 : 4)

/**
 * Writes the packet of `frame` at `at` (a multiple of 4) as the router at `own` sends it on to `next`. It came from
 * `ip` and `port`, which only count when nobody has forwarded it yet. IPv4 addresses are 32-bit numbers; `own` is the one
 * that it came to. Returns the offset after it, or 0 when its header has no room for one more address. `out` has room for
 * the packet and `forwardedGrowth`.
 */
export function encodeForwarded(
  frame: Frame,
  ip: number,
  port: number,
  own: number,
  next: number,
  out: Uint8Array,
  at: number,
): number {
  const { bytes, start, payload, end, sources, sourceCount } = frame
  const growth = forwardedGrowth(frame)
  const words = (payload - start + growth) >>> 2
  if (words > MOST_HEADER_WORDS || sourceCount >= MOST_SOURCES) return 0
  // SOURCE stays where it is, and what follows it makes room; a new one comes last.
  const split = sourceCount === 0 ? payload : sources + 4 * sourceCount
  copy(bytes, start, split, out, at)
  copy(bytes, split, end, out, at + split - start + growth)
  let entry = at + split - start
  if (sourceCount === 0) {
    out[entry] = SOURCE << 4
    out[entry + 1] = growth
    write16(out, entry + 2, port)
    write32(out, entry + SOURCE_BYTES, ip)
    entry += SOURCE_BYTES + 4
  } else out[at + sources - start - SOURCE_BYTES + 1]! += 4
  write32(out, entry, own)
  out[at + 8] = words
  const transport = at + 4 * words
  write16(out, at + CHECK_OFFSET, 0)
  seal(out, at, transport, at + CHECK_OFFSET, 0)
  redirect(frame.protocol, out, transport, at + end - start + growth, own, next)
  return at + end - start + growth
}

/** The transport's checksum covers where the packet goes. 0 stands for none in UDP, and for no sum in TCP. */
function redirect(
  protocol: number,
  out: Uint8Array,
  transport: number,
  end: number,
  was: number,
  is: number,
): void {
  const isStream = protocol === PROTOCOL_STREAM
  const field = transport + (isStream ? SEGMENT_CHECK : DATAGRAM_CHECK)
  if (field + 2 > end) return
  const check = read16(out, field)
  if (!isStream && check === 0) return
  const adjusted = adjustChecksum(check, was, is)
  write16(out, field, !isStream && adjusted === 0 ? 0xffff : adjusted)
}

/** Few bytes are copied faster one by one. */
const WORTH_BYTES = 128

function copy(bytes: Uint8Array, start: number, end: number, out: Uint8Array, at: number): void {
  if (end - start >= WORTH_BYTES) out.set(bytes.subarray(start, end), at)
  else for (let i = start, to = at; i < end; i++, to++) out[to] = bytes[i]!
}
