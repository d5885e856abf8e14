import { expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import type { Claimed } from './instance.ts'
import { Keepers } from './keepers.ts'
import { type InstanceRecord, keyOf } from './records.ts'
import { Registrations } from './registrations.ts'

const ID = 'ab'.repeat(32)

/** Makes registrations whose registry writes when the test says so. */
function registrations(
  options: { most?: number; mostPerHost?: number; mostGonePerHost?: number; isShared?: boolean } = {},
) {
  const said: string[] = []
  const writes: { key: string; record: InstanceRecord | undefined; revision: number }[] = []
  const all = new Registrations<string>(
    {
      store: (key, record, revision) => writes.push({ key, record, revision }),
      renew: () => said.push('renew'),
      confirm: ({ record }) => said.push(`confirm ${record.version}`),
      refuse: ({ record }, code) => said.push(`${code} ${record.version}`),
      changed: () => {},
    },
    { isShared: false, keepMs: 1000, ...options },
  )
  return { all, said, writes }
}

const claim = (
  version: number,
  change: Partial<InstanceRecord> = {},
  kind: Claimed<string>['kind'] = 'REGISTER',
) =>
  ({
    kind,
    peer: 'host',
    record: {
      ...{
        service: 'acme/web',
        id: ID,
        instance: 'instance',
        state: 'bound',
        version,
        address: '127.0.0.1:1',
      },
      ...{ priority: 100, weight: 1, leaseMs: 1000, owner: '127.0.0.1', expiresMs: 0 },
      ...change,
    },
  }) as Claimed<string>
const KEY = keyOf(claim(1).record)

test('a million registrations of one host take no more room than its share', () => {
  const codes = new Set<string>()
  const none = (): void => {}
  const all = new Registrations<string>(
    { store: none, renew: none, confirm: none, changed: none, refuse: (_, code) => codes.add(code) },
    { isShared: false, mostPerHost: 1000 },
  )
  for (let i = 0; i < 1_000_000; i++) all.claim(claim(1, { instance: `instance${i}` }), 0)
  expect([all.known.size, all.counters.refused]).toEqual([1000, 999_000])
  expect([...codes]).toEqual(['CONTROLLER_LIMIT'])
  // Other hosts have shares of their own.
  all.claim(claim(1, { instance: 'other', owner: '127.0.0.2' }), 0)
  expect(all.known.size).toBe(1001)
})

test('a host can restart all its services several times, but not without end', () => {
  const { all, said, writes } = registrations({ mostPerHost: 10, mostGonePerHost: 30 })
  const store = () => writes.splice(0).forEach(({ key }, i) => void all.stored(key, i + 1, 0))
  const claimAll = (round: number, version: number, kind: Claimed<string>['kind']) => {
    for (let i = 0; i < 10; i++) all.claim(claim(version, { instance: `of-${round}-${i}` }, kind), 0)
    store()
    return said.splice(0)
  }
  const refused = Array(10).fill('CONTROLLER_LIMIT 1')
  for (let round = 0; round < 3; round++) {
    expect(claimAll(round, 1, 'REGISTER')).toEqual(Array(10).fill('confirm 1'))
    expect(claimAll(9, 1, 'REGISTER')).toEqual(refused)
    expect(claimAll(round, 2, 'UNREGISTER')).toEqual(Array(10).fill('confirm 2'))
  }
  expect([all.known.size, claimAll(9, 1, 'REGISTER')]).toEqual([30, refused])
  // Instances that ended long enough ago are forgotten.
  all.poll(1000)
  store()
  expect([all.known.size, claimAll(9, 1, 'REGISTER')]).toEqual([0, Array(10).fill('confirm 1')])
})

test('nothing is confirmed or announced before the registry has stored it', () => {
  const { all, said, writes } = registrations()
  all.claim(claim(1), 0)
  expect([said, all.known.bound(ID).length, writes.length]).toEqual([[], 0, 1])
  all.stored(KEY, 7, 0)
  expect([said, all.known.bound(ID).length]).toEqual([['confirm 1'], 1])
})

test('claims that arrive during a write follow it, and only the newest one', () => {
  const { all, said, writes } = registrations()
  all.claim(claim(1), 0)
  all.claim(claim(2), 0)
  all.claim(claim(3, {}, 'UNREGISTER'), 0)
  all.stored(KEY, 1, 0)
  expect([said, writes.length, must(at(writes, 1).record).state]).toEqual([['confirm 1'], 2, 'gone'])
  all.stored(KEY, 2, 0)
  expect([said.at(-1), all.known.bound(ID)]).toEqual(['confirm 3', []])
})

test('a lease expires, is remembered, and is forgotten', () => {
  const { all, writes } = registrations()
  all.claim(claim(1), 0)
  all.stored(KEY, 1, 0)
  all.claim(claim(1), 600)
  all.poll(1000)
  expect(writes.length).toBe(1)
  all.poll(1600)
  expect(at(writes, 1).record).toMatchObject({ state: 'expired', version: 1 })
  all.stored(KEY, 2, 1600)
  expect(all.known.bound(ID)).toEqual([])
  all.poll(2600)
  expect(at(writes, 2).record).toBeUndefined()
  all.stored(KEY, 0, 2600)
  expect([all.known.size, all.nextTimeout()]).toEqual([0, Infinity])
})

test('of two concurrent writers, the second decides again', () => {
  const { all, said, writes } = registrations({ isShared: true })
  all.claim(claim(2), 0)
  // The other controller knows that the instance has ended.
  all.conflicted(KEY, 0)
  expect(writes.length).toBe(1)
  all.seen(KEY, claim(3, { state: 'gone' }).record, 9, 0)
  expect([said, all.known.bound(ID), writes.length]).toEqual([['CONTROLLER_STALE 2'], [], 1])
  all.claim(claim(4), 0)
  expect(writes[1]).toMatchObject({ revision: 9, record: { state: 'bound', version: 4 } })
})

test('a registry that fails changes nothing, and is tried again', () => {
  const { all, said, writes } = registrations()
  all.claim(claim(1), 0)
  all.failed(KEY, 0)
  expect([said, all.known.size]).toEqual([['CONTROLLER_REGISTRY 1'], 0])
  all.claim(claim(1), 0)
  all.stored(KEY, 1, 0)
  all.claim(claim(2, { address: '127.0.0.1:2' }), 0)
  all.failed(KEY, 0)
  expect(all.known.bound(ID)[0]).toMatchObject({ version: 1, address: '127.0.0.1:1' })
  all.claim(claim(2, { address: '127.0.0.1:2' }), 0)
  all.stored(KEY, 2, 0)
  expect([at(all.known.bound(ID), 0).address, writes.length]).toEqual(['127.0.0.1:2', 4])
})

test('while the registry is down no lease expires', () => {
  const { all, writes } = registrations()
  all.claim(claim(1), 0)
  all.stored(KEY, 1, 0)
  all.reach(false, 500)
  all.poll(5000)
  expect([writes.length, all.known.bound(ID).length]).toEqual([1, 1])
  // When it is back, leases start over: another controller may have heard the host without being able to write it.
  all.reach(true, 6000)
  all.poll(6999)
  expect(writes.length).toBe(1)
  all.poll(7000)
  expect(must(at(writes, 1).record).state).toBe('expired')
})

test('for an unknown instance, a certificate from before the memory began is refused', () => {
  const { all, said } = registrations()
  all.reach(true, 10_000)
  all.claim(claim(1, { expiresMs: 60_000, issuedMs: 9999 }), 10_100)
  expect([said, all.known.size]).toEqual([['CONTROLLER_STALE 1'], 0])
  all.claim(claim(1, { expiresMs: 60_000, issuedMs: 10_000 }), 10_100)
  all.stored(KEY, 1, 10_100)
  expect(all.known.bound(ID).length).toBe(1)
  // The registry was down, and has lost the instance.
  all.reach(false, 20_000)
  all.seen(KEY, undefined, 0, 21_000)
  all.reach(true, 21_000)
  all.claim(claim(1, { expiresMs: 60_000, issuedMs: 12_000 }), 22_000)
  expect(said.at(-1)).toBe('CONTROLLER_STALE 1')
})

test('for a known instance, an older certificate never wins, and a replay extends no lease', () => {
  const { all, said } = registrations()
  const signed = (version: number, issuedMs: number) =>
    claim(version, { expiresMs: issuedMs + 2000, issuedMs })
  all.claim(signed(5, 1000), 1000)
  all.stored(KEY, 1, 1000)
  all.claim(signed(6, 999), 1100)
  expect(said.at(-1)).toBe('CONTROLLER_STALE 6')
  const due = (): number => must(all.known.get(KEY)).dueMs
  all.claim(signed(5, 1000), 1500)
  expect(due()).toBe(2500)
  all.claim(signed(5, 1000), 2900)
  expect(due()).toBe(3000)
  all.claim(signed(5, 2950), 2950)
  expect([due(), at(all.known.bound(ID), 0).expiresMs]).toEqual([3950, 4950])
})

test('an instance of a name that needs no certificate any more outlives its last one', () => {
  const { all, writes } = registrations()
  all.claim(claim(1, { expiresMs: 2000, issuedMs: 1, vouchedBy: 'key' }), 0)
  all.stored(at(writes, 0).key, 1, 0)
  for (let now = 900; now < 9000; now += 900) {
    all.claim(claim(1), now)
    all.poll(now)
  }
  expect(all.known.get(KEY)?.record).toMatchObject({ state: 'bound', expiresMs: 0 })
  expect(all.known.get(KEY)?.record?.vouchedBy).toBeUndefined()
  expect([all.counters.expired, writes.length]).toEqual([0, 1])
})

test('another key that vouches for an instance is news for all controllers, and for its clients', () => {
  const said: string[] = []
  const all = new Registrations<string>(
    {
      store: key => all.stored(key, 1, 0),
      renew: (_, { vouchedBy }) => said.push(`renew ${vouchedBy}`),
      confirm: () => {},
      refuse: () => {},
      changed: () => said.push('changed'),
    },
    {
      ...{ isShared: true, keepers: new Keepers('0123456789abcdef') },
      mayServe: ({ vouchedBy }) => vouchedBy === 'key',
    },
  )
  all.claim(claim(1), 0)
  expect(said.splice(0)).toEqual(['changed'])
  expect(all.known.bound(ID)).toEqual([])
  for (let i = 0; i < 2; i++) all.claim(claim(1, { vouchedBy: 'key' }), 0)
  expect(said.splice(0)).toContain('renew key')
  expect(all.known.bound(ID)).toHaveLength(1)
})
