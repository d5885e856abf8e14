/** Late binding at the client: where the first packet for a service goes, and from which address. */
import { isIPv4 } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { SalError } from '../errors.ts'
import type { Listener } from '../flows/listener.ts'
import { printServiceId } from './serviceId.ts'
import type { ServiceTable } from './serviceTable.ts'

/**
 * Returns the address that the table gives for a service; `pick`, in [0, 1), chooses among several. A service of this
 * host is at its own best address. Throws SAL_NO_ROUTE.
 */
export function resolve(
  services: ServiceTable<Listener>,
  service: Uint8Array,
  pick: number,
  own: readonly Address[],
  now: number,
): Address {
  const target = services.resolve(service, pick, 0, 0, now)
  if (target?.kind === 'forward') return target.address
  if (target?.kind === 'demux' && own.length > 0) return own[0] as number
  throw new SalError(
    'SAL_NO_ROUTE',
    `no rule matches the service ${printServiceId(service)}: give an address, or add a rule`,
  )
}

/** Returns the best local address of the destination's kind. Throws SAL_NO_ADDRESS. */
export function sourceFor(to: Address, own: readonly Address[]): Address {
  const from = own.find(address => isIPv4(address) === isIPv4(to))
  if (from !== undefined) return from
  throw new SalError('SAL_NO_ADDRESS', 'no address of this host reaches the destination; add one of its kind')
}
