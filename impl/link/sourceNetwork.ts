import { ipOf, ipv6Of, isIPv4 } from './address.ts'
import { networkOf } from './hosts.ts'
import type { Address } from './link.ts'

/** The unit of quotas: an IPv4 address, or the first 64 bits of an IPv6 address. One party can own all addresses below. */
export type SourceNetwork = number | string

/** Returns the source of an address. All IPv6 addresses that the table has forgotten are one source. */
export function sourceNetworkOf(address: Address): SourceNetwork {
  if (isIPv4(address)) return ipOf(address)
  const bytes = ipv6Of(address)
  return bytes === undefined ? 'forgotten' : networkOf(bytes)
}
