import { internetSum, pseudoSum } from '../../../spec/wire/sum.ts'
import { ipOf, ipv6Of, isIPv4 } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'

/** The sum of the pseudo-header over IPv4 (RFC 9293 3.1) or IPv6 (RFC 8200 8.1). `length` in bytes. */
export function pseudoSumOf(from: Address, to: Address, protocol: number, length: number): number {
  if (isIPv4(from)) return pseudoSum(ipOf(from), ipOf(to), protocol, length)
  const [source, destination] = [ipv6Of(from), ipv6Of(to)]
  const rest = protocol + (length >>> 16) + (length & 0xffff)
  if (source === undefined || destination === undefined) return rest
  return internetSum(destination, 0, 16, internetSum(source, 0, 16, rest))
}
