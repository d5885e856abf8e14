/** A controller's ledger while a shared registry refuses writes, although its connection stands. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listenedPrefixOf, printPrefix } from '../host/services/serviceId.ts'
import { Ledger, ledgerFaults } from './ledger.ts'
import { RegistryError } from './registry/errors.ts'
import { MemoryRegistry } from './registry/memory.ts'

/** Simulates a cluster that has lost its majority: it answers no write and closes no connection. */
class Cluster extends MemoryRegistry {
  override readonly isShared: boolean = true
  hasMajority = true
  /** Fails the writes that still wait for an answer. */
  readonly waiting: (() => void)[] = []
  isSlow = false

  override put(key: string, value: string, revision: number): Promise<number> {
    if (this.isSlow)
      return new Promise((_, reject) =>
        this.waiting.push(() => reject(new RegistryError('REGISTRY_DOWN', 'timeout'))),
      )
    if (this.hasMajority) return super.put(key, value, revision)
    return Promise.reject(new RegistryError('REGISTRY_DOWN', 'no leader'))
  }
}

/** Simulates a bug in a registry. */
class Faulty extends MemoryRegistry {
  isWell = false

  override put(key: string, value: string, revision: number): Promise<number> {
    if (this.isWell) return super.put(key, value, revision)
    return Promise.reject(new TypeError('a bug'))
  }
}

test('an instance that reports to another controller survives an outage longer than its lease', async () => {
  let now = 0
  const none = (): void => {}
  const registry = new Cluster()
  const events = { confirm: none, refuse: none, changed: none, ruled: none, trouble: none }
  const ledger = new Ledger<string>(registry, events, () => now, {})
  await ledger.open()
  const { registrations } = ledger
  const id = printPrefix(listenedPrefixOf('acme/web'))
  const record = { service: 'acme/web', id, instance: 'instance-1', version: 1, owner: '192.0.2.1' }
  const rest = { state: 'bound', priority: 100, weight: 1, leaseMs: 30_000, expiresMs: 0 } as const
  const address = '192.0.2.1:54325'
  ledger.claim({ kind: 'REGISTER', peer: '', record: { ...record, ...rest, address } })
  await turn()
  const pass = async (untilMs: number): Promise<number> => {
    for (; now < untilMs; now += 500) {
      registrations.poll(now)
      await turn()
    }
    return registrations.known.bound(id).length
  }
  registry.hasMajority = false
  expect(await pass(90_000)).toBe(1)
  registry.hasMajority = true
  expect(await pass(110_000)).toBe(1)
  // No controller has heard from it since.
  expect(await pass(140_000)).toBe(0)
})

test('a write that fails after a later one was stored casts no doubt on the registry', async () => {
  const none = (): void => {}
  const registry = new Cluster()
  const troubles: string[] = []
  const events = {
    confirm: none,
    refuse: none,
    changed: none,
    ruled: none,
    trouble: (what: string) => troubles.push(what),
  }
  const ledger = new Ledger<string>(registry, events, () => 0, {})
  await ledger.open()
  const rule = (prefix: string) => ledger.addRule({ prefix, kind: 'forward', address: '192.0.2.1:54325' })
  registry.isSlow = true
  const slow = rule('acme/slow').catch(({ code }) => code)
  registry.isSlow = false
  await rule('acme/quick')
  for (const fail of registry.waiting) fail()
  expect(await slow).toBe('REGISTRY_DOWN')
  expect(troubles).toEqual([])
})

test('a write after the end of the ledger reports no fault of the registry', async () => {
  const none = (): void => {}
  const troubles: string[] = []
  const trouble = (what: string): void => void troubles.push(what)
  const events = { confirm: none, refuse: none, changed: none, ruled: none, trouble }
  const ledger = new Ledger<string>(new MemoryRegistry(), events, () => 0, {})
  await ledger.open()
  await ledger.close()
  const late = ledger.addRule({ prefix: 'acme/late', kind: 'forward', address: '192.0.2.1:54325' })
  await expect(late).rejects.toMatchObject({ code: 'REGISTRY_DOWN' })
  expect(troubles).toEqual([])
})

test('an instance whose write met a fault of the program registers again', async () => {
  const [none, refused] = [(): void => {}, [] as string[]]
  const registry = new Faulty()
  const refuse = (_: unknown, code: string): void => void refused.push(code)
  const events = { confirm: none, refuse, changed: none, ruled: none, trouble: none }
  const ledger = new Ledger<string>(registry, events, () => 0, {})
  await ledger.open()
  const id = printPrefix(listenedPrefixOf('acme/web'))
  const record = { service: 'acme/web', id, instance: 'instance-1', version: 1, owner: '192.0.2.1' }
  const rest = { state: 'bound', priority: 100, weight: 1, leaseMs: 30_000, expiresMs: 0 } as const
  const claimed = { ...record, ...rest, address: '192.0.2.1:54325' }
  const claim = (): void => ledger.claim({ kind: 'REGISTER', peer: '', record: claimed })
  const faults = ledgerFaults.count
  claim()
  await turn()
  expect([ledgerFaults.count - faults, refused]).toEqual([1, ['CONTROLLER_REGISTRY']])
  registry.isWell = true
  claim()
  await turn()
  expect(ledger.registrations.known.bound(id)).toHaveLength(1)
})
