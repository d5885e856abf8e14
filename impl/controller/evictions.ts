/** Operators' orders about instances: an evicted instance stays out until it is admitted again. */
import { setTimeout as wait } from 'node:timers/promises'
import { printPrefix } from '../host/services/serviceId.ts'
import { parseDestination, printAddress } from '../link/address.ts'
import { prefixOf } from './claims.ts'
import { PlaneError } from './errors.ts'
import type { Ledger } from './ledger.ts'
import { EVICTED_LIMIT, ORDERS_AT_ONCE } from './limits.ts'

/** How often an order is tried while other changes of the instance are stored, and the pause between, ms. */
const TRIES = 25
const PAUSE_MS = 200

/**
 * Evicts the instances of a service or prefix at an address, or admits evicted ones. Resolves to their number when the
 * registry has stored it. Rejects with CONTROLLER_SERVICE, CONTROLLER_INSTANCE, CONTROLLER_LIMIT, CONTROLLER_REGISTRY, a LinkError.
 */
export async function order<Peer>(
  ledger: Ledger<Peer>,
  type: 'EVICT' | 'ADMIT',
  service: string,
  destination: string,
): Promise<number> {
  const prefix = prefixOf(service)
  const address = printAddress(parseDestination(destination))
  const { registrations } = ledger
  const keys = registrations.known.keysAt(
    printPrefix(prefix),
    address,
    type === 'EVICT' ? 'bound' : 'evicted',
  )
  if (keys.length === 0)
    throw new PlaneError(
      'CONTROLLER_INSTANCE',
      `no instance of ${prefix.text} at ${address} is ${type === 'EVICT' ? 'registered' : 'evicted'}; ` +
        '`serval services --via` lists them',
    )
  const evicted = registrations.known.evicted + keys.length
  if (type === 'EVICT' && evicted > EVICTED_LIMIT)
    throw new PlaneError(
      'CONTROLLER_LIMIT',
      `${evicted} instances would be evicted, and ${EVICTED_LIMIT} may be; admit some`,
    )
  for (let i = 0; i < keys.length; i += ORDERS_AT_ONCE)
    await Promise.all(keys.slice(i, i + ORDERS_AT_ONCE).map(key => settle(ledger, key, type)))
  return keys.length
}

/** Another order, or the end of the instance, may be faster; then there is nothing left to do. */
async function settle<Peer>(ledger: Ledger<Peer>, key: string, type: 'EVICT' | 'ADMIT'): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const outcome = await ledger.order(key, type)
    if (outcome === 'stored' || outcome === 'none') return
    if (outcome === 'failed') break
    await wait(PAUSE_MS)
  }
  throw new PlaneError('CONTROLLER_REGISTRY', 'the registry has not stored the order; repeat it when it does')
}
