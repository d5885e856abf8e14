/** Late binding at the client: where the first packet for a service goes, and from which address. */
import { isIPv4, NO_ADDRESS } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { SalError } from '../errors.ts'
import type { Listener } from '../flows/listener.ts'
import type { Choose } from '../flows/seeker.ts'
import { printServiceId } from './serviceId.ts'
import type { ServiceTable } from './serviceTable.ts'
import { nextOf } from './table/again.ts'

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

/** Returns the choice among the targets to which the rules of a service forward. `pick`, in [0, 1), chooses the first. */
export const amongRules =
  (services: ServiceTable<Listener>, service: Uint8Array, pick: number): Choose =>
  (attempt, refused) => {
    const target = services.explainAgain(service, {
      ...{ pick, attempt },
      mayAsk: one => one.kind === 'forward' && !refused.includes(one.address),
    })
    return target?.kind === 'forward' ? target.address : NO_ADDRESS
  }

/** Returns the choice among addresses that are asked in turn. */
export const amongAll =
  (all: readonly Address[]): Choose =>
  (attempt, refused) =>
    nextOf(all, attempt, address => !refused.includes(address)) ?? NO_ADDRESS
