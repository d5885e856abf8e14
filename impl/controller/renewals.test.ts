/** Leases that are renewed by tickets, many with one line. */
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { INSTANCE_PRIORITY, LEASE_MS, RENEWALS_AT_ONCE } from './limits.ts'
import type { Claim, Question } from './messages.ts'
import { type InstanceRecord, keyOf } from './records.ts'
import { type Registrant, Registrants } from './registrants.ts'
import { Registrations } from './registrations.ts'
import { Renewals } from './renewals.ts'
import { Plane } from './testing/plane.ts'

const recordOf = (more: Partial<InstanceRecord> = {}): InstanceRecord => ({
  ...{ service: 'acme/web', id: 'ab'.repeat(32), instance: 'instance', state: 'bound', version: 1 },
  ...{ address: '127.0.0.1:1', priority: 100, weight: 1, leaseMs: LEASE_MS, owner: '127.0.0.1' },
  ...{ expiresMs: 0, ...more },
})

/** A controller's registrations, with the tickets that it gave. */
function directory() {
  const tickets: (number | undefined)[] = []
  let revision = 0
  const all = new Registrations<string>(
    {
      store: () => {},
      renew: () => {},
      confirm: (_, __, ticket) => void tickets.push(ticket),
      refuse: () => {},
      changed: () => {},
    },
    { isShared: false },
  )
  const register = (more: Partial<InstanceRecord> = {}, peer = 'host'): number | undefined => {
    const record = recordOf(more)
    all.claim({ kind: 'REGISTER', peer, record }, 0)
    all.stored(keyOf(record), ++revision, 0)
    return tickets.at(-1)
  }
  return { all, register }
}

test('a ticket renews the lease of its version, for the host that got it, at its address', () => {
  const { all, register } = directory()
  const ticket = must(register())
  expect(all.renew(ticket, 'host', '127.0.0.1:', 20_000)).toBe(true)
  all.poll(LEASE_MS)
  expect(all.known.bound('ab'.repeat(32))).toHaveLength(1)
  expect(all.nextTimeout()).toBe(20_000 + LEASE_MS)
  expect(all.renew(ticket, 'other', '127.0.0.1:', 20_000)).toBe(false)
  expect(all.renew(ticket, 'host', '127.0.0.11:', 20_000)).toBe(false)
  expect(all.renew(ticket + 1, 'host', '127.0.0.1:', 20_000)).toBe(false)
})

test('a ticket is void after another version, another host, an eviction, and an end', () => {
  const { all, register } = directory()
  const renews = (ticket: number | undefined): boolean => all.renew(must(ticket), 'host', '127.0.0.1:', 0)
  const first = register()
  const second = register({ version: 2 })
  expect([renews(first), renews(second)]).toEqual([false, true])
  register({ version: 2 }, 'other')
  expect(renews(second)).toBe(false)
  const third = register({ version: 3 })
  all.order(keyOf(recordOf()), 'EVICT', () => {}, 0)
  expect(renews(third)).toBe(false)
  all.stored(keyOf(recordOf()), 100, 0)
  expect(renews(third)).toBe(false)
  const other = register({ instance: 'the other' })
  for (const state of ['gone', 'absent'] as const) {
    const record = recordOf({ instance: 'the other', version: 2, state })
    if (state === 'gone') all.claim({ kind: 'UNREGISTER', peer: 'host', record }, 0)
    else all.poll(10 * LEASE_MS)
    all.stored(keyOf(record), 200, 0)
  }
  // Takes the place of the one that has ended.
  const next = register({ instance: 'the next' })
  expect([renews(other), renews(next)]).toEqual([false, true])
})

test('an instance with a certificate gets no ticket', () => {
  const { register } = directory()
  expect(register({ expiresMs: 60_000, issuedMs: 1 })).toBeUndefined()
})

test('a line has a limited number of leases, and is answered once', async () => {
  const lines: Question[] = []
  const renewals = new Renewals<{ ticket: number | undefined }>(line => lines.push(line))
  const ones = Array.from({ length: RENEWALS_AT_ONCE + 1 }, (_, ticket) => ({ ticket }))
  for (const one of ones) renewals.add(one)
  renewals.add({ ticket: undefined })
  await Promise.resolve()
  expect(lines).toMatchObject([{ number: 1 }, { number: 2, tickets: [RENEWALS_AT_ONCE] }])
  expect([renewals.take(2), renewals.take(2), renewals.take(3)]).toEqual([[ones.at(-1)], [], []])
  renewals.clear()
  expect(renewals.take(1)).toEqual([])
})

/** A host whose claims and renewals are recorded, with so many services. */
function claimant(count: number) {
  const [claims, renewed]: [Claim[], Registrant[]] = [[], []]
  const all = new Registrants(
    {
      send: claim => void claims.push(claim),
      renew: one => void renewed.push(one),
      released: () => {},
      registered: () => {},
    },
    LEASE_MS,
    bytes => crypto.getRandomValues(bytes),
  )
  all.connected(0)
  const location = { address: '127.0.0.1:1', priority: INSTANCE_PRIORITY, weight: 1 }
  for (let i = 0; i < count; i++) all.bind(`${i}`, `acme/s${i}`, [location], 0)
  return { all, claims, renewed, location }
}

test('a host registers again in full what has lapsed, and what has changed', () => {
  const { all, claims, renewed, location } = claimant(3)
  for (const [ticket, { instance }] of claims.entries()) all.confirmed(instance, 1, ticket, 0)
  all.poll(LEASE_MS)
  expect([claims.length, renewed.length]).toEqual([3, 3])
  all.move([{ ...location, weight: 2 }], LEASE_MS)
  expect(claims.slice(3)).toMatchObject([{ version: 2 }, { version: 2 }, { version: 2 }])
  // The answer to a renewal of the earlier version says nothing about this one.
  all.renewed(renewed, new Set([0, 1, 2]), LEASE_MS)
  expect(claims).toHaveLength(6)
  for (const [ticket, { instance }] of claims.slice(3).entries()) all.confirmed(instance, 2, ticket, LEASE_MS)
  all.poll(2 * LEASE_MS)
  expect([claims.length, renewed.length]).toEqual([6, 6])
  all.renewed(renewed.slice(3), new Set([1]), 2 * LEASE_MS)
  expect(claims.slice(6)).toMatchObject([{ instance: at(renewed, 4).instance, type: 'register' }])
})

test('a host repeats no claim that the controller may not have read, unless it waits for long', () => {
  const { all, claims } = claimant(3)
  for (let now = 0; now <= 20_000; now += 500) all.poll(now)
  expect(claims).toHaveLength(3)
  all.refused(at(claims, 1).instance)
  for (let now = 20_000; now <= 22_500; now += 500) all.poll(now)
  expect(claims.slice(3).map(({ service }) => service)).toEqual(['acme/s0', 'acme/s1'])
  for (let now = 22_500; now <= 40_000; now += 500) all.poll(now)
  expect(claims.filter(({ service }) => service === 'acme/s2')).toHaveLength(2)
})

test('many services live on by a few lines, and register in full when their tickets have lapsed', async () => {
  await using plane = new Plane()
  const controller = await plane.controller()
  const { stack, agent } = await plane.host([controller.at], { leaseMs: 3000 })
  for (let i = 0; i < 20; i++) stack.offers.set(`acme/s${i}`, true)
  for (let i = 0; i < 20; i++) await agent.registered(`acme/s${i}`)
  const { ledger } = controller
  const renew = ledger.renew.bind(ledger)
  let [lines, renewed, registered, haveLapsed] = [0, 0, 0, false]
  ledger.renew = (question, ...more) => {
    lines++
    renewed += question.tickets.length
    if (!haveLapsed) return renew(question, ...more)
    return { type: 'renewed', number: question.number, lapsed: question.tickets.map((_, place) => place) }
  }
  const claim = ledger.claim.bind(ledger)
  ledger.claim = claimed => {
    registered++
    claim(claimed)
  }
  while (renewed < 20) await wait(10)
  expect([ledger.registrations.current, registered]).toEqual([20, 0])
  expect(lines).toBeLessThanOrEqual(5)
  haveLapsed = true
  while (registered < 20) await wait(10)
  expect(ledger.registrations.current).toBe(20)
})
