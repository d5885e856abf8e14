import { ipOf, ipv6Of, isIPv4 } from './address.ts'
import type { Address } from './link.ts'

/** What quotas count by: an IPv4 address, or the first 64 bits of an IPv6 one. One party can have all addresses below. */
export type Source = number | string

/** Bytes of an IPv6 address that name its network. */
const NETWORK_BYTES = 8

/** Returns the source of an address. All IPv6 addresses that the table has forgotten are one source. */
export function sourceOf(address: Address): Source {
  if (isIPv4(address)) return ipOf(address)
  const bytes = ipv6Of(address)
  return bytes === undefined ? 'forgotten' : Buffer.from(bytes.subarray(0, NETWORK_BYTES)).toString('hex')
}
