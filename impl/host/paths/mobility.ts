/**
 * Decides when a flow moves automatically, and where. A host's addresses are ordered by preference. Pure: the caller
 * asks the host to move.
 */
import { hostOf, isIPv4, NO_ADDRESS } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { SalError } from '../errors.ts'

/**
 * `stay`: never moves. `leave`: moves when its address disappears. `failover`: also moves when its path falls silent, and then
 * stays. `best`: like `failover`, and also moves when a better address appears. It returns to one that it has left once that has
 * held for a while (returns.ts).
 */
export type Mobility = 'stay' | 'leave' | 'best' | 'failover'

const isLoopback = (address: Address): boolean => {
  const host = hostOf(address)
  return host === '::1' || host.startsWith('127.')
}

/** IPv4 reaches only IPv4, and a loopback address reaches nothing outside of this machine. */
export const reaches = (from: Address, to: Address): boolean =>
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

/** Throws SAL_FAMILY if a packet from `address` cannot reach `peer`, whatever the route. */
export function checkFamily(address: Address, peer: Address): void {
  if (isIPv4(address) !== isIPv4(peer))
    throw new SalError(
      'SAL_FAMILY',
      "IPv4 reaches only IPv4, and IPv6 only IPv6; choose an address of the peer's family",
    )
}

/** Returns the addresses other than `local` that reach `peer`, in order, the one after `local` first. */
export function alternatives(addresses: readonly Address[], local: Address, peer: Address): Address[] {
  const after = addresses.indexOf(local) + 1
  return [...addresses.slice(after), ...addresses.slice(0, after)].filter(
    address => address !== local && reaches(address, peer),
  )
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
  if (policy === 'stay' || (policy !== 'best' && addresses.includes(local))) return NO_ADDRESS
  const best = bestAddress(addresses, peer)
  return best === local ? NO_ADDRESS : best
}
