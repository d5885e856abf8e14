/**
 * How a router changes a first packet that it forwards: it adds to SOURCE, and changes source and destination. Nothing
 * else changes, and checksums are corrected for exactly that, so a router neither reads payload nor hides earlier
 * damage. docs/wire.md shows the format.
 */
import {
  CHECK_OFFSET,
  MOST_EXTENSIONS,
  MOST_SOURCES,
  PROTOCOL_STREAM,
  SOURCE,
  SOURCE_BYTES,
} from './format.ts'
import type { Frame } from './frame.ts'
import { read16, read32, write16, write32 } from './numbers.ts'
import { encodePort, hasPort, PORT_BYTES, replacePort } from './originPort.ts'
import { adjustChecksum, seal } from './sum.ts'

/** A header's length is one byte that counts words. */
const MOST_HEADER_WORDS = 255
const SEGMENT_CHECK = 16
const DATAGRAM_CHECK = 6

/** Returns the origin of a forwarded packet, 32 bits. The frame must have a SOURCE. */
export const originIp = (frame: Frame): number => read32(frame.bytes, frame.sources)

/** Returns the frame's SOURCE plus one address, as in the SYN-ACK of a forwarded SYN. */
export function sourcesWith({ bytes, sources, sourceCount }: Frame, ip: number): number[] {
  return [...Array.from({ length: sourceCount }, (_, i) => read32(bytes, sources + 4 * i)), ip]
}

/** One hop of a packet through a router. IPv4 addresses are 32-bit numbers. */
export interface Hop {
  /** The source in the packet's IP header. */
  ip: number
  /** The packet's UDP source port; 0 for the default one. */
  port: number
  /** The router's address at which it arrived. */
  own: number
  /** The router's address from which it leaves. */
  leaving: number
  next: number
}

/** Returns by how many bytes a packet from this UDP port (0 for the default one) grows when it is forwarded. */
export function forwardedGrowth(frame: Frame, port: number): number {
  if (frame.sourceCount !== 0) return 4
  return SOURCE_BYTES + 8 + (port !== 0 && frame.addresses < 0 ? PORT_BYTES : 0)
}

/**
 * Writes the packet of `frame` at `at` (a multiple of 4) as a router forwards it. The first router writes SOURCE, and
 * the origin's port if that is not the default. Returns the offset after the packet, or 0 if the header has no room.
 * `out` must have room for the packet plus `forwardedGrowth`.
 */
export function encodeForwarded(frame: Frame, hop: Hop, out: Uint8Array, at: number): number {
  const { bytes, start, payload, end, sources, sourceCount } = frame
  const growth = forwardedGrowth(frame, hop.port)
  const words = (payload - start + growth) >>> 2
  if (words > MOST_HEADER_WORDS || !hasRoom(frame, hop.port)) return 0
  // SOURCE stays in place, and what follows it moves; a new SOURCE comes last.
  const split = sourceCount === 0 ? payload : sources + 4 * sourceCount
  copy(bytes, start, split, out, at)
  copy(bytes, split, end, out, at + split - start + growth)
  const entry = at + split - start
  if (sourceCount === 0) nameOrigin(frame, hop, out, at, entry)
  else {
    out[at + sources - start - SOURCE_BYTES + 1] =
      (out[at + sources - start - SOURCE_BYTES + 1] as number) + 4
    write32(out, entry, hop.own)
  }
  out[at + 8] = words
  const transport = at + 4 * words
  write16(out, at + CHECK_OFFSET, 0)
  seal(out, at, transport, at + CHECK_OFFSET, 0)
  redirect(frame.protocol, hop, out, transport, at + end - start + growth)
  return at + end - start + growth
}

/** True if there is room for SOURCE, or one more address in it, and for the port, which an ADDRESS without room blocks. */
function hasRoom(frame: Frame, port: number): boolean {
  if (frame.sourceCount !== 0) return frame.sourceCount < MOST_SOURCES
  const isNamed = port !== 0 && !hasPort(frame)
  if (isNamed && frame.addresses >= 0) return false
  return frame.extensionCount + (isNamed ? 2 : 1) <= MOST_EXTENSIONS
}

/** Writes SOURCE at `entry`, after the port. Corrects a port that the sender has written itself. */
function nameOrigin(frame: Frame, hop: Hop, out: Uint8Array, at: number, entry: number): void {
  const { ip, port, own } = hop
  let next = entry
  if (hasPort(frame)) replacePort(ip, port, out, at + frame.origin - frame.start)
  else if (port !== 0) {
    encodePort(ip, port, out, next)
    next += PORT_BYTES
  }
  out[next] = SOURCE << 4
  out[next + 1] = SOURCE_BYTES + 8
  write16(out, next + 2, 0)
  write32(out, next + SOURCE_BYTES, ip)
  write32(out, next + SOURCE_BYTES + 4, own)
}

/**
 * The transport's checksum covers both IP addresses, and a router changes both: the prototype accepts only the checksum
 * of the addresses that it sees. In UDP 0 means none; in TCP it never occurs.
 */
function redirect(protocol: number, hop: Hop, out: Uint8Array, transport: number, end: number): void {
  const isStream = protocol === PROTOCOL_STREAM
  const field = transport + (isStream ? SEGMENT_CHECK : DATAGRAM_CHECK)
  if (field + 2 > end) return
  const check = read16(out, field)
  if (!isStream && check === 0) return
  const adjusted = adjustChecksum(adjustChecksum(check, hop.own, hop.next), hop.ip, hop.leaving)
  write16(out, field, !isStream && adjusted === 0 ? 0xffff : adjusted)
}

/** Fewer bytes are copied faster one by one. */
const WORTH_BYTES = 128

function copy(bytes: Uint8Array, start: number, end: number, out: Uint8Array, at: number): void {
  if (end - start >= WORTH_BYTES) out.set(bytes.subarray(start, end), at)
  else for (let i = start, to = at; i < end; i++, to++) out[to] = bytes[i] as number
}
