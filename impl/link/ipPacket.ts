/**
 * Datagrams inside IP packets: IPv4 or IPv6, then UDP, with checksums. Also reads packets that carry SAL directly
 * inside IP, like the prototype's. Pure.
 */
import { must } from '../../checker/text/at.ts'
import { read16, read32, write16, write32 } from '../../spec/wire/numbers.ts'
import { checksumOf, internetSum, pseudoSum, seal } from '../../spec/wire/sum.ts'
import { type Address, fromIPv4, fromIPv6, ipOf, ipv6Of, isIPv4, NO_ADDRESS, portOf } from './address.ts'
import type { Datagram } from './link.ts'

const IPV4_HEADER = 20
const IPV6_HEADER = 40
const UDP_HEADER = 8
const UDP = 17
/** The prototype's IP protocol number for SAL. */
const SAL = 144
/** The port of addresses without one. */
const NO_PORT = 0
const TTL = 64
/** The limit of 16 bits: the total length in IPv4, the payload length in IPv6. */
const MAX_LENGTH = 65535
/** Don't fragment (RFC 791). The identification may then be 0 (RFC 6864 4.1), as on Linux. */
const DONT_FRAGMENT = 0x4000
/** The more-fragments bit and the fragment offset. */
const FRAGMENT_BITS = 0x3fff

/**
 * Returns how many bytes `writePacket` writes. -1 if no packet can carry the datagram: mixed families, too long, or a
 * forgotten address.
 */
export function packetLength({ from, to, bytes }: Datagram): number {
  const udpLength = UDP_HEADER + bytes.length
  if (from === NO_ADDRESS || to === NO_ADDRESS || isIPv4(from) !== isIPv4(to)) return -1
  if (isIPv4(from)) return IPV4_HEADER + udpLength <= MAX_LENGTH ? IPV4_HEADER + udpLength : -1
  const isKnown = ipv6Of(from) !== undefined && ipv6Of(to) !== undefined
  return isKnown && udpLength <= MAX_LENGTH ? IPV6_HEADER + udpLength : -1
}

/** Writes the packet at `at`. `packetLength` must have returned a length. */
export function writePacket(datagram: Datagram, out: Uint8Array, at: number): void {
  if (isIPv4(datagram.from)) writeIPv4(datagram, out, at)
  else writeIPv6(datagram, out, at)
}

function writeIPv4(datagram: Datagram, out: Uint8Array, at: number): void {
  const { from, to, bytes } = datagram
  const udpLength = UDP_HEADER + bytes.length
  // Version 4, a header of five words, type of service 0.
  write16(out, at, 0x4500)
  write16(out, at + 2, IPV4_HEADER + udpLength)
  write16(out, at + 4, 0)
  write16(out, at + 6, DONT_FRAGMENT)
  out[at + 8] = TTL
  out[at + 9] = UDP
  write16(out, at + 10, 0)
  write32(out, at + 12, ipOf(from))
  write32(out, at + 16, ipOf(to))
  seal(out, at, at + IPV4_HEADER, at + 10, 0)
  writeUdp(datagram, out, at + IPV4_HEADER, pseudoSum(ipOf(from), ipOf(to), UDP, udpLength))
}

/** RFC 8200 3. */
function writeIPv6(datagram: Datagram, out: Uint8Array, at: number): void {
  const { from, to, bytes } = datagram
  const udpLength = UDP_HEADER + bytes.length
  write32(out, at, 0x60000000)
  write16(out, at + 4, udpLength)
  out[at + 6] = UDP
  out[at + 7] = TTL
  out.set(must(ipv6Of(from)), at + 8)
  out.set(must(ipv6Of(to)), at + 24)
  const sum = internetSum(out, at + 8, at + IPV6_HEADER, UDP + udpLength)
  writeUdp(datagram, out, at + IPV6_HEADER, sum)
}

function writeUdp({ from, to, bytes }: Datagram, out: Uint8Array, at: number, pseudo: number): void {
  const length = UDP_HEADER + bytes.length
  write16(out, at, portOf(from))
  write16(out, at + 2, portOf(to))
  write16(out, at + 4, length)
  write16(out, at + 6, 0)
  out.set(bytes, at + UDP_HEADER)
  // 0 would mean that there is no checksum (RFC 768); all ones is the same number in ones' complement.
  write16(out, at + 6, checksumOf(internetSum(out, at, at + length, pseudo)) || 0xffff)
}

/**
 * Returns the datagram in the packet from `start` to `end`; it shares the bytes. Its ports are 0 if SAL has no UDP
 * around it. Undefined for anything else: other protocols, fragments, IPv6 extension headers, inconsistent lengths, UDP
 * port 0. Ignores checksums: captures of real machines hold packets whose checksum the network card fills in later.
 */
export function readPacket(bytes: Uint8Array, start: number, end: number): Datagram | undefined {
  if (end - start < IPV4_HEADER) return undefined
  const version = (bytes[start] as number) >>> 4
  if (version === 4) return readIPv4(bytes, start, end)
  return version === 6 ? readIPv6(bytes, start, end) : undefined
}

/** Makes an address of the packet from a port. */
type AddressAt = (port: number) => Address

function readIPv4(bytes: Uint8Array, start: number, end: number): Datagram | undefined {
  const headerLength = ((bytes[start] as number) & 15) * 4
  const stop = start + read16(bytes, start + 2)
  if (headerLength < IPV4_HEADER || stop > end || stop < start + headerLength) return undefined
  if ((read16(bytes, start + 6) & FRAGMENT_BITS) !== 0) return undefined
  const from = read32(bytes, start + 12)
  const to = read32(bytes, start + 16)
  return readInside(
    bytes[start + 9] as number,
    bytes.subarray(start + headerLength, stop),
    port => fromIPv4(from, port),
    port => fromIPv4(to, port),
  )
}

function readIPv6(bytes: Uint8Array, start: number, end: number): Datagram | undefined {
  if (end - start < IPV6_HEADER) return undefined
  const stop = start + IPV6_HEADER + read16(bytes, start + 4)
  if (stop > end) return undefined
  const at =
    (place: number): AddressAt =>
    port =>
      fromIPv6(bytes.subarray(place, place + 16), port)
  const inside = bytes.subarray(start + IPV6_HEADER, stop)
  return readInside(bytes[start + 6] as number, inside, at(start + 8), at(start + 24))
}

function readInside(
  protocol: number,
  bytes: Uint8Array,
  from: AddressAt,
  to: AddressAt,
): Datagram | undefined {
  if (protocol === UDP) return readUdp(bytes, from, to)
  return protocol === SAL ? between(from(NO_PORT), to(NO_PORT), bytes) : undefined
}

function readUdp(bytes: Uint8Array, source: AddressAt, destination: AddressAt): Datagram | undefined {
  if (bytes.length < UDP_HEADER) return undefined
  const length = read16(bytes, 4)
  if (length < UDP_HEADER || length > bytes.length) return undefined
  const [fromPort, toPort] = [read16(bytes, 0), read16(bytes, 2)]
  if (fromPort === 0 || toPort === 0) return undefined
  return between(source(fromPort), destination(toPort), bytes.subarray(UDP_HEADER, length))
}

const between = (from: Address, to: Address, bytes: Uint8Array): Datagram | undefined =>
  from === NO_ADDRESS || to === NO_ADDRESS ? undefined : { from, to, bytes }
