/** Controllers of one registry take leases for renewed while their keeper lives. */
import { describe, expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { BEAT_MS, Keepers, SILENT_KEEPER_MS } from './keepers.ts'
import { LONGEST_LEASE_MS } from './limits.ts'
import { type InstanceRecord, keyOf } from './records.ts'
import { Registrations } from './registrations.ts'
import { hasNats, NatsServer } from './registry/testing/natsServer.ts'
import { Plane, until } from './testing/plane.ts'

const [OWN, OTHER] = ['a'.repeat(16), 'b'.repeat(16)] as const

const record = (more: Partial<InstanceRecord> = {}): InstanceRecord => ({
  ...{ service: 'acme/web', id: 'ab'.repeat(32), instance: 'instance', state: 'bound', version: 1 },
  ...{ address: '127.0.0.1:1', priority: 100, weight: 1, leaseMs: 30_000, owner: '127.0.0.1', expiresMs: 0 },
  ...more,
})
const KEY = keyOf(record())

/** The registrations of a controller with the name OWN. */
function kept() {
  const keepers = new Keepers(OWN)
  const writes: (InstanceRecord | undefined)[] = []
  const none = (): void => {}
  const write = (_: string, stored: InstanceRecord | undefined): void => void writes.push(stored)
  const all = new Registrations<string>(
    { store: write, renew: write, confirm: none, refuse: none, changed: none },
    { isShared: true, keepers },
  )
  const register = (now: number, more: Partial<InstanceRecord> = {}): void =>
    all.claim({ kind: 'REGISTER', peer: 'host', record: record(more) }, now)
  return { keepers, all, writes, register }
}

describe('a lease', () => {
  test('is stored once by its keeper, and its renewals are not', () => {
    const { all, writes, register } = kept()
    register(0)
    all.stored(KEY, 1, 0)
    for (let now = 10_000; now < 100_000; now += 10_000) register(now)
    expect(writes).toEqual([record({ keeper: OWN })])
    all.poll(119_999)
    expect(writes).toHaveLength(1)
    all.poll(120_000)
    expect(at(writes, 1)).toMatchObject({ state: 'expired' })
  })

  test('holds while another keeper lives, and ends when that falls silent', () => {
    const { keepers, all, writes } = kept()
    all.seen(KEY, record({ keeper: OTHER }), 1, 0)
    for (let now = 0; now <= 100_000; now += BEAT_MS) {
      keepers.hear(OTHER, 2 + now, now)
      all.poll(now)
    }
    all.poll(129_999)
    expect(writes).toEqual([])
    all.poll(130_000)
    expect(writes).toMatchObject([{ state: 'expired' }])
  })

  test('that is short holds between the signs of life', () => {
    const { keepers, all, writes } = kept()
    all.seen(KEY, record({ keeper: OTHER, leaseMs: 1000 }), 1, 0)
    keepers.hear(OTHER, 2, 500)
    all.poll(500 + SILENT_KEEPER_MS - 1)
    expect(writes).toEqual([])
    all.poll(500 + SILENT_KEEPER_MS)
    expect(writes).toMatchObject([{ state: 'expired' }])
  })

  test('moves to the controller that its host turns to, which stores that until it has succeeded', () => {
    const { all, writes, register } = kept()
    all.seen(KEY, record({ keeper: OTHER }), 1, 0)
    register(1000)
    register(2000)
    expect(writes).toEqual([record({ keeper: OWN }), record({ keeper: OWN })])
    all.renewed(KEY, record({ keeper: OWN }), 2, 2000)
    register(3000)
    expect(writes).toHaveLength(2)
  })

  test('with a certificate is stored each time, because a newer one makes older ones worthless', () => {
    const { all, writes, register } = kept()
    const signed = { expiresMs: 90_000, issuedMs: 1000 }
    register(1000, signed)
    all.stored(KEY, 1, 1000)
    register(2000, { expiresMs: 91_000, issuedMs: 2000 })
    expect(writes).toMatchObject([signed, { issuedMs: 2000, keeper: OWN }])
  })
})

test('a journal stores the key that vouches for a registration when a renewal changes it, until that is stored', () => {
  const writes: (InstanceRecord | undefined)[] = []
  const none = (): void => {}
  const write = (_: string, stored: InstanceRecord | undefined): void => void writes.push(stored)
  const all = new Registrations<string>(
    { store: write, renew: write, confirm: none, refuse: none, changed: none },
    { isShared: false },
  )
  const register = (vouchedBy?: string): void =>
    all.claim(
      { kind: 'REGISTER', peer: 'host', record: record(vouchedBy === undefined ? {} : { vouchedBy }) },
      0,
    )
  register()
  all.stored(KEY, 1, 0)
  register()
  expect(writes).toHaveLength(1)
  register('key')
  // The disk was full.
  register('key')
  expect(writes.slice(1)).toEqual([record({ vouchedBy: 'key' }), record({ vouchedBy: 'key' })])
  all.renewed(KEY, record({ vouchedBy: 'key' }), 2, 0)
  register('key')
  expect(writes).toHaveLength(3)
})

test.each([
  true,
  false,
])('a key that vouches while an earlier one is being stored is stored by the next renewal; shared: %s', isShared => {
  const writes: (InstanceRecord | undefined)[] = []
  const none = (): void => {}
  const write = (_: string, stored: InstanceRecord | undefined): void => void writes.push(stored)
  const all = new Registrations<string>(
    { store: write, renew: write, confirm: none, refuse: none, changed: none },
    { isShared, ...(isShared && { keepers: new Keepers(OWN) }) },
  )
  const register = (more: Partial<InstanceRecord> = {}): void =>
    all.claim({ kind: 'REGISTER', peer: 'host', record: record(more) }, 0)
  register()
  all.stored(KEY, 1, 0)
  register({ vouchedBy: 'one' })
  // The registry refuses the second write, because the first one has changed the revision.
  register({ vouchedBy: 'other' })
  all.renewed(KEY, must(at(writes, 1)), 2, 0)
  register({ vouchedBy: 'other' })
  expect(writes.map(one => one?.vouchedBy)).toEqual([undefined, 'one', 'other', 'other'])
  all.renewed(KEY, must(at(writes, 3)), 3, 0)
  register({ vouchedBy: 'other' })
  expect(writes).toHaveLength(4)
})

test('entries of controllers that are dead for longer than any lease are removed, and no others are accepted', () => {
  const keepers = new Keepers(OWN)
  expect([keepers.hear(OTHER, 1, 0), keepers.hear('not a name', 1, 0), keepers.hear(OWN, 1, 0)]).toEqual([
    true,
    false,
    true,
  ])
  expect([keepers.dead(LONGEST_LEASE_MS), keepers.dead(LONGEST_LEASE_MS + 1)]).toEqual([[], [OTHER]])
  keepers.hear(OTHER, 0, 0)
  expect([keepers.dead(2 * LONGEST_LEASE_MS), keepers.revision(OTHER), keepers.revision()]).toEqual([
    [],
    0,
    1,
  ])
})

test("a controller that restarts every 2 s for three hours fills nobody's memory, and is always heard", () => {
  const keepers = new Keepers(OWN)
  const name = (i: number): string => i.toString(16).padStart(16, '0')
  let most = 0
  for (let i = 0; i < 5400; i++) {
    const now = i * BEAT_MS
    expect(keepers.hear(name(i), i + 1, now)).toBe(true)
    const dead = keepers.dead(now)
    for (const one of dead) keepers.hear(one, 0, now)
    most = Math.max(most, dead.length)
  }
  expect(most).toBe(1)
  expect(keepers.holdsUntil(record({ keeper: name(5399 - 64) }))).toBeGreaterThan(0)
})

if (hasNats())
  test('renewals are no writes to NATS, and the other controller keeps the instance', async () => {
    await using server = await NatsServer.start()
    await using plane = new Plane()
    const first = await plane.controller({ registry: server.registry() })
    const second = await plane.controller({ registry: server.registry() })
    const host = await plane.host([first.at], { leaseMs: 1000 })
    for (let i = 0; i < 20; i++) host.stack.offers.set(`acme/s${i}`, true)
    await until(() => second.list().length === 20)
    const { questions } = first.counters
    // Each has renewed its lease ten times.
    await until(() => first.counters.questions > questions + 200)
    expect(second.list()).toHaveLength(20)
    const revisions = [...first.ledger.registrations.known.values()].map(({ revision }) => revision)
    expect(Math.max(...revisions) - Math.min(...revisions)).toBeLessThan(40)
    expect(second.ledger.registrations.counters.expired).toBe(0)
  })
