/**
 * Decides when a flow moves automatically, and where. A host's addresses are ordered by preference. Pure: the caller
 * asks the host to move.
 */
import { hostOf, isIPv4, NO_ADDRESS } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'

/**
 * `stay`: never moves. `leave`: moves when its address disappears. `best`: also moves when a better address appears,
 * and so returns when that does.
 */
export type Mobility = 'stay' | 'leave' | 'best'

const isLoopback = (address: Address): boolean => {
  const host = hostOf(address)
  return host === '::1' || host.startsWith('127.')
}

/** IPv4 reaches only IPv4, and a loopback address reaches nothing outside of this machine. */
const reaches = (from: Address, to: Address): boolean =>
  isIPv4(from) === isIPv4(to) && (!isLoopback(from) || isLoopback(to))

/**
 * Returns the first of `addresses` that reaches `peer`; for a loopback peer preferably a loopback address. 0 if none
 * does.
 */
export function bestAddress(addresses: readonly Address[], peer: Address): Address {
  const fit = addresses.filter(address => reaches(address, peer))
  const near = isLoopback(peer) ? fit.find(isLoopback) : undefined
  return near ?? fit[0] ?? NO_ADDRESS
}

/**
 * Returns where a flow that uses `local` (or is moving there) moves when the host has `addresses`; 0 to stay. Without
 * any address it also stays, and waits for one.
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
