/** Rules for all hosts: what they leave unchanged, and what overrules them. */

import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { listenedPrefixOf, printPrefix } from '../host/services/serviceId.ts'
import { parseAddress } from '../link/address.ts'
import { keeperOf } from './keeper.ts'
import { Ledger } from './ledger.ts'
import { saidOf } from './policy.ts'
import { MemoryRegistry } from './registry/memory.ts'

const [ONE, TWO] = ['192.0.2.1:54325', '192.0.2.2:54325'] as const
const to = (address: string) => ({ kind: 'forward', address: parseAddress(address) }) as const

/** Opens a ledger with services registered at the first address. */
async function knowing(...services: readonly string[]) {
  const none = (): void => {}
  const events = { confirm: none, refuse: none, changed: none, ruled: none, trouble: none }
  const ledger = new Ledger<string>(new MemoryRegistry(), events, () => 0, {})
  await ledger.open()
  for (const service of services) {
    const id = printPrefix(listenedPrefixOf(service))
    const record = { service, id, instance: 'instance-1', version: 1, address: ONE, owner: '192.0.2.1' }
    const rest = { state: 'bound', priority: 100, weight: 1, leaseMs: 30_000, expiresMs: 0 } as const
    ledger.claim({ kind: 'REGISTER', peer: '', record: { ...record, ...rest } })
    await turn()
  }
  const said = (service: string) => {
    const [record] = ledger.registrations.known.bound(printPrefix(listenedPrefixOf(service)))
    return saidOf(must(record), ledger.standing)
  }
  return { keeper: keeperOf(ledger), said }
}

test('a rule with only a weight leaves the priority of instances alone, and vice versa', async () => {
  const { keeper, said } = await knowing('acme/web')
  await keeper.add('acme/web', to(ONE), { weight: 5 })
  expect(said('acme/web')).toEqual({ priority: 100, weight: 5 })
  await keeper.add('acme/web', to(ONE), { priority: 7 })
  expect(said('acme/web')).toEqual({ priority: 7, weight: 5 })
  await keeper.add('acme/web', to(ONE), { weight: 0 })
  expect(said('acme/web')).toEqual({ priority: 7, weight: 0 })
  expect(keeper.rules()).toMatchObject([{ priority: 7, weight: 0 }])
  await keeper.remove('acme/web', to(ONE))
  await keeper.add('acme/web', to(ONE), { priority: 9 })
  expect(said('acme/web')).toEqual({ priority: 9, weight: 1 })
  expect(keeper.rules()).toMatchObject([{ priority: 9, weight: null }])
})

test('an overruled rule names what overrules it', async () => {
  const { keeper } = await knowing('acme/web', 'acme/store/*')
  const instance = (service: string) => `${service}, the instance at ${ONE}, priority 100`
  // The registration for the exact service decides.
  expect(await keeper.add('acme/web', to(TWO), {})).toBe(instance('acme/web'))
  expect(await keeper.add('acme/web', { kind: 'drop' }, { priority: 500 })).toBe(instance('acme/web'))
  // Both are for the same prefix, so priority decides.
  expect(await keeper.add('acme/store', to(TWO), {})).toBe(instance('acme/store/*'))
  expect(await keeper.add('acme/store', to(TWO), { priority: 101 })).toBeUndefined()
  // A rule about an instance applies, whatever its priority.
  expect(await keeper.add('acme/web', to(ONE), { priority: 1 })).toBeUndefined()
  // Of two rules the higher decides, unless it drains.
  expect(await keeper.add('other', to(TWO), { priority: 5 })).toBeUndefined()
  expect(await keeper.add('other', to(ONE), { priority: 4 })).toBe(`other/*, forward ${TWO}, priority 5`)
  await keeper.add('other', to(TWO), { weight: 0 })
  expect(await keeper.add('other', to(ONE), { priority: 4 })).toBeUndefined()
})
