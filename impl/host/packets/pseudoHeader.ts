import { FLOW_CHECKSUM } from '../../../spec/machines/flow/capabilities.ts'
import { foldSum, internetSum, pseudoSum } from '../../../spec/wire/sum.ts'
import { ipOf, ipv6Of, isIPv4 } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { Flow } from '../flows/flow.ts'

/** The sum of the pseudo-header over IPv4 (RFC 9293 3.1) or IPv6 (RFC 8200 8.1). `length` in bytes. */
export function pseudoSumOf(from: Address, to: Address, protocol: number, length: number): number {
  if (isIPv4(from)) return pseudoSum(ipOf(from), ipOf(to), protocol, length)
  const [source, destination] = [ipv6Of(from), ipv6Of(to)]
  const rest = protocol + (length >>> 16) + (length & 0xffff)
  if (source === undefined || destination === undefined) return rest
  return internetSum(destination, 0, 16, internetSum(source, 0, 16, rest))
}

/** Returns the part of that sum that the two addresses make, folded to 16 bits. */
export const addressSumOf = (from: Address, to: Address): number => foldSum(pseudoSumOf(from, to, 0, 0))

/** The parts of a flow on which the checksum of its data depends. */
type DataPath = Pick<Flow, 'id' | 'state' | 'from' | 'to' | 'transport'>

/** Returns the sum of the pseudo-header of data that a flow sends. */
export const dataSumOf = ({ id, state, from, to, transport }: DataPath, length: number): number =>
  (state.capabilities & FLOW_CHECKSUM) === 0
    ? pseudoSumOf(from, to, transport.protocol, length)
    : pseudoSum(id, state.peerFlow, transport.protocol, length)
