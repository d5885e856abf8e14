/**
 * What a router makes of a first packet that it sends on: SOURCE says who asked and through whom it went, and source and
 * destination are others. Nothing else changes, and checksums are corrected for that alone, so that a router neither
 * reads payload nor repairs what was damaged before it. docs/wire.md draws it.
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
import { encodePort, hasPort, PORT_BYTES } from './originPort.ts'
import { adjustChecksum, seal } from './sum.ts'

/** A header's length is one byte that counts words. */
const MOST_HEADER_WORDS = 255
const SEGMENT_CHECK = 16
const DATAGRAM_CHECK = 6

/** The original source of a packet that was forwarded, 32 bits; only of a frame with SOURCE. */
export const originIp = (frame: Frame): number => read32(frame.bytes, frame.sources)

/** Whether an IPv4 address stands in the frame's SOURCE: the origin, or one who forwarded it. */
export function isInSources({ bytes, sources, sourceCount }: Frame, ip: number): boolean {
  for (let i = 0; i < sourceCount; i++) if (read32(bytes, sources + 4 * i) === ip) return true
  return false
}

/** The frame's SOURCE with one address more, as the SYN-ACK of a forwarded SYN has it. */
export function sourcesWith({ bytes, sources, sourceCount }: Frame, ip: number): number[] {
  return [...Array.from({ length: sourceCount }, (_, i) => read32(bytes, sources + 4 * i)), ip]
}

/** One step of a packet from a router to the next. IPv4 addresses are 32-bit numbers. */
export interface Hop {
  /** Where the packet came from, by its IP header. */
  ip: number
  /** The UDP port that it came from; 0 for the default one. */
  port: number
  /** The router's address that it came to. */
  own: number
  /** The router's address that it leaves from. */
  leaving: number
  next: number
}

/** Bytes by which a packet from this UDP port, 0 for the default one, grows when it is forwarded. */
export function forwardedGrowth(frame: Frame, port: number): number {
  if (frame.sourceCount !== 0) return 4
  return SOURCE_BYTES + 8 + (port !== 0 && frame.addresses < 0 ? PORT_BYTES : 0)
}

/**
 * Writes the packet of `frame` at `at` (a multiple of 4) as a router sends it on. The first router names the origin: it
 * writes SOURCE, and the port if that is not the default. Returns the offset after the packet, or 0 when its header has
 * no room for that. `out` has room for the packet and `forwardedGrowth`.
 */
export function encodeForwarded(frame: Frame, hop: Hop, out: Uint8Array, at: number): number {
  const { bytes, start, payload, end, sources, sourceCount } = frame
  const growth = forwardedGrowth(frame, hop.port)
  const words = (payload - start + growth) >>> 2
  if (words > MOST_HEADER_WORDS || !hasRoom(frame, hop.port)) return 0
  // SOURCE stays where it is, and what follows it makes room; a new one comes last.
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

/** Whether SOURCE, or one address more in it, fits in; and the port, if the packet has an ADDRESS of another use. */
function hasRoom(frame: Frame, port: number): boolean {
  if (frame.sourceCount !== 0) return frame.sourceCount < MOST_SOURCES
  const isNamed = port !== 0 && !hasPort(frame)
  if (isNamed && frame.addresses >= 0) return false
  return frame.extensionCount + (isNamed ? 2 : 1) <= MOST_EXTENSIONS
}

/** Writes SOURCE at `entry`, after the port. A port that the sender has written itself is put right. */
function nameOrigin(frame: Frame, hop: Hop, out: Uint8Array, at: number, entry: number): void {
  const { ip, port, own } = hop
  let next = entry
  if (hasPort(frame)) encodePort(ip, port, out, at + frame.addresses - 4 - frame.start)
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
 * The transport's checksum covers both IP addresses, and a router changes both: the prototype accepts no other sum than
 * that of the addresses it sees. 0 stands for none in UDP, and for no sum in TCP.
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

/** Few bytes are copied faster one by one. */
const WORTH_BYTES = 128

function copy(bytes: Uint8Array, start: number, end: number, out: Uint8Array, at: number): void {
  if (end - start >= WORTH_BYTES) out.set(bytes.subarray(start, end), at)
  else for (let i = start, to = at; i < end; i++, to++) out[to] = bytes[i] as number
}
