/**
 * Addresses as numbers. IPv4: `ip * 65536 + port`, below 2^48. IPv6: `2^48 + host * 65536 + port`, where `host` is an
 * index into a bounded table (hosts.ts) that the whole process shares. A double holds all of them exactly.
 */
import { must } from '../../checker/text/at.ts'
import { LinkError } from './errors.ts'
import { Hosts } from './hosts.ts'
import { isMapped, printIPv4, printIPv6, readIPv4, readIPv6 } from './ipText.ts'
import type { Address } from './link.ts'

export type { Address } from './link.ts'

export const NO_ADDRESS: Address = 0

/** UDP ports of the encapsulation, like the C prototype's: servers listen on the first, clients send from the second. */
export const SERVER_PORT = 54325
export const CLIENT_PORT = 54324

const PORTS = 65536
/** The lowest address that is not IPv4. */
const IPV6_BASE = 2 ** 48
const IPV6_HOST = 2 ** 32

const hosts = new Hosts()

export const isIPv4 = (address: Address): boolean => address > 0 && address < IPV6_BASE
export const isIPv6 = (address: Address): boolean => address >= IPV6_BASE

/** `%` on doubles compiles to a loop; this does not, and is just as exact. */
export const portOf = (address: Address): number => address - Math.floor(address / PORTS) * PORTS
export const withPort = (address: Address, port: number): Address => address - portOf(address) + port

/** The IPv4 address, 32 bits unsigned; 0 for IPv6. */
export const ipOf = (address: Address): number => (address < IPV6_BASE ? Math.floor(address / PORTS) : 0)

/**
 * The 16 bytes of an IPv6 address. They are shared: do not write to them. Undefined for IPv4 and for a forgotten
 * address.
 */
export const ipv6Of = (address: Address): Uint8Array | undefined =>
  address < IPV6_BASE ? undefined : hosts.bytes(hostNumber(address))

const hostNumber = (address: Address): number => Math.floor(address / PORTS) - IPV6_HOST

/** `ip` is 32 bits unsigned, `port` 0 to 65535. */
export const fromIPv4 = (ip: number, port: number): Address => ip * PORTS + port

/**
 * Returns the address of 16 bytes, which are copied. An IPv4-mapped address (::ffff:a.b.c.d) becomes the IPv4 address.
 * 0 if the table is full.
 */
export function fromIPv6(bytes: Uint8Array, port: number, zone = ''): Address {
  const groups = Array.from(
    { length: 8 },
    (_, i) => (bytes[2 * i] as number) * 256 + (bytes[2 * i + 1] as number),
  )
  if (isMapped(groups)) return fromIPv4((groups[6] as number) * PORTS + (groups[7] as number), port)
  return atHost(hosts.add(printIPv6(groups) + zone, bytes.slice(0, 16)), port)
}

const atHost = (host: number, port: number): Address =>
  host < 0 ? NO_ADDRESS : IPV6_BASE + host * PORTS + port

/** A cache of recently parsed IPv4 texts. When it is full it starts over, because parsing again is cheap. */
const MAX_TEXTS = 4096
const ipOfText = new Map<string, number>()

/**
 * Returns the address of an IP address as the system writes it, and a port. Hot: a known text is only looked up. 0 if
 * the text is no IP address, or every IPv6 address in the table is held.
 */
export function fromParts(host: string, port: number): Address {
  const known = ipOfText.get(host)
  if (known !== undefined) return known * PORTS + port
  const found = hosts.find(host)
  if (found >= 0) return atHost(found, port)
  const ip = readIPv4(host)
  if (ip < 0) return fromIPv6Text(host, port)
  if (ipOfText.size >= MAX_TEXTS) ipOfText.clear()
  ipOfText.set(host, ip)
  return ip * PORTS + port
}

/** A zone is the name or number of an interface. An address of link scope (fe80::) needs one (RFC 4007 11). */
function fromIPv6Text(host: string, port: number): Address {
  const [text, zone, ...more] = host.split('%')
  const groups = readIPv6(must(text))
  if (groups === undefined || more.length > 0) return NO_ADDRESS
  if (zone !== undefined && !/^[\w.:-]{1,32}$/.test(zone)) return NO_ADDRESS
  const bytes = Uint8Array.from(groups.flatMap(group => [group >> 8, group & 255]))
  return fromIPv6(bytes, port, zone === undefined ? '' : `%${zone}`)
}

/** A small cache of printed IPv4 addresses: one slot per hash, overwritten by the latest address. */
const PRINTED_BITS = 10
const printedIps = new Float64Array(1 << PRINTED_BITS).fill(-1)
const printedTexts: string[] = Array<string>(1 << PRINTED_BITS).fill('')

/** Returns the IP address as sockets take it. Hot: cached. Empty for a forgotten address. */
export function hostOf(address: Address): string {
  if (address >= IPV6_BASE) return hosts.text(hostNumber(address)) ?? ''
  const ip = Math.floor(address / PORTS)
  const place = Math.imul(ip, 0x9e3779b1) >>> (32 - PRINTED_BITS)
  if (printedIps[place] !== ip) {
    printedIps[place] = ip
    printedTexts[place] = printIPv4(ip)
  }
  return printedTexts[place] as string
}

const BRACKETED = /^\[([^[\]]*:[^[\]]*)\](?::(\d{1,5}))?$/
const PLAIN = /^([^:]*)(?::(\d{1,5}))?$/

/** Parses `127.0.0.1:54325`, `[::1]:54325`, or either without a port, and `::1`. Port 0 means any. Throws LINK_ADDRESS. */
export function parseAddress(text: string, defaultPort = SERVER_PORT): Address {
  const match = BRACKETED.exec(text) ?? PLAIN.exec(text) ?? [text, text, undefined]
  const port = match[2] === undefined ? defaultPort : Number(match[2])
  const address = port < PORTS ? fromParts(match[1] as string, port) : NO_ADDRESS
  if (address !== NO_ADDRESS) return address
  throw new LinkError(
    'LINK_ADDRESS',
    `'${text.slice(0, 80)}' is not an address; write 127.0.0.1, 127.0.0.1:${SERVER_PORT} or [::1]:${SERVER_PORT}`,
  )
}

/** Like `parseAddress`, for a destination: rejects port 0, at which nobody listens. Throws LINK_ADDRESS. */
export function parseDestination(text: string, defaultPort = SERVER_PORT): Address {
  const address = parseAddress(text, defaultPort)
  if (portOf(address) !== 0) return address
  throw new LinkError(
    'LINK_ADDRESS',
    `'${text}' has port 0, at which nobody listens; give another port, or omit it to use ${defaultPort}`,
  )
}

/** Prints an address in the form that `parseAddress` reads: `none` for 0, `forgotten` for an evicted IPv6 address. */
export function printAddress(address: Address): string {
  if (address === NO_ADDRESS) return 'none'
  if (address < IPV6_BASE) return `${hostOf(address)}:${portOf(address)}`
  return `[${hostOf(address) || 'forgotten'}]:${portOf(address)}`
}

/**
 * Keeps an IPv6 address in the table until `release` was called as often. Flows hold their peers' addresses, so that a
 * flood of others cannot evict them. IPv4 needs no holding. Returns false if the address is already forgotten.
 */
export const hold = (address: Address): boolean => address < IPV6_BASE || hosts.hold(hostNumber(address), 1)
export const release = (address: Address): boolean =>
  address < IPV6_BASE || hosts.hold(hostNumber(address), -1)

// Addresses that belong to no single host (RFC 6890, RFC 4291 2.4).

/** 0.0.0.0/8 and ::. */
export function isUnspecified(address: Address): boolean {
  if (isIPv4(address)) return ipOf(address) >>> 24 === 0
  return ipv6Of(address)?.every(byte => byte === 0) ?? true
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: Address): boolean {
  if (isIPv4(address)) return ipOf(address) >>> 24 === 127
  return ipv6Of(address)?.every((byte, i) => byte === (i === 15 ? 1 : 0)) ?? false
}

/** Whether packets between two addresses stay on this machine. False may be wrong, for two addresses of one machine. */
export const staysLocal = (from: Address, to: Address): boolean =>
  isLoopback(to) || withPort(from, 0) === withPort(to, 0)

/** Multicast, reserved IPv4 addresses and the limited broadcast address: 224.0.0.0/3 and ff00::/8. */
export function isMulticast(address: Address): boolean {
  return isIPv4(address) ? ipOf(address) >>> 29 === 7 : ipv6Of(address)?.[0] === 0xff
}
