/** Kinds of addresses that belong to no single host (RFC 6890, RFC 4291 2.4). */
import { ipOf, ipv6Of, isIPv4 } from './address.ts'
import type { Address } from './link.ts'

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

/** Multicast, reserved IPv4 addresses and the limited broadcast address: 224.0.0.0/3 and ff00::/8. */
export function isMulticast(address: Address): boolean {
  return isIPv4(address) ? ipOf(address) >>> 29 === 7 : ipv6Of(address)?.[0] === 0xff
}
