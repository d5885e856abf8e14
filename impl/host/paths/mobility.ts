/**
 * When a flow moves by itself, and where to. A host's addresses come best first; what is better is the owner's to say.
 * Pure: who calls it asks the host to move, or does nothing.
 */
import { hostOf, isIPv4, NO_ADDRESS } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'

/**
 * `stay`: never. `leave`: when the address that it uses is gone. `best`: also when there is a better one, so that it
 * comes back when the better one does.
 */
export type Mobility = 'stay' | 'leave' | 'best'

const isLoopback = (address: Address): boolean => {
  const host = hostOf(address)
  return host === '::1' || host.startsWith('127.')
}

/** IPv4 reaches IPv4 only, and nothing outside of this machine is reached from a loopback address. */
const reaches = (from: Address, to: Address): boolean =>
  isIPv4(from) === isIPv4(to) && (!isLoopback(from) || isLoopback(to))

/**
 * The address of `addresses` from which to reach `peer`: the first that does; to loopback, from loopback if there is
 * any. 0 when none does.
 */
export function bestAddress(addresses: readonly Address[], peer: Address): Address {
  const fit = addresses.filter(address => reaches(address, peer))
  const near = isLoopback(peer) ? fit.find(isLoopback) : undefined
  return near ?? fit[0] ?? NO_ADDRESS
}

/**
 * Where a flow that uses `local` (or is on its way there) moves now that the host has `addresses`; 0 when it stays.
 * With no address left it stays as well: it waits for one to come.
 */
export function moveTo(
  policy: Mobility,
  addresses: readonly Address[],
  local: Address,
  peer: Address,
): Address {
  if (policy === 'stay' || (policy === 'leave' && addresses.includes(local))) return NO_ADDRESS
  const best = bestAddress(addresses, peer)
  return best === local ? NO_ADDRESS : best
}
