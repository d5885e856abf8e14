import fc from 'fast-check'
import { expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import {
  acts,
  codeOf,
  contradicts,
  cutAt,
  filled,
  id,
  type Line,
  line,
  lines,
  naive,
  nameOf,
  pick,
  type TimedLine,
} from '../testing/services.ts'
import { SERVICE_BYTES, servicePrefixOf } from './serviceId.ts'
import {
  EXPIRED_AT_ONCE,
  PRIORITY_LIMIT,
  type ServiceRule,
  ServiceTable,
  TARGETS_LIMIT,
} from './serviceTable.ts'

test('resolves like the naive reference, whatever was added, removed and has expired (invariants 43, 48)', () => {
  interface Known extends TimedLine {
    readonly sinceMs: number
    usedMs: number
  }
  fc.assert(
    fc.property(acts, acts => {
      const table = new ServiceTable<number>()
      const known = new Map<string, Known>()
      let missed = 0
      let now = 1000
      // A prefetch for a packet that never arrives, or arrives after a change of the table, makes no difference.
      const asked = acts.flatMap(each => ('pick' in each ? [each.id] : []))
      for (const each of acts) {
        for (const one of asked) table.ahead.expect(one, 0)
        if (each.act === 'add') {
          const { prefix, target, priority, weight, ...terms } = each
          const code = codeOf(() => table.add(prefix, target, priority, weight, { now, ...terms }))
          const isRejected = contradicts([...known.values()], each)
          expect(code).toBe(isRejected ? 'SERVICE_CONTRADICTION' : 'none')
          if (!isRejected) known.set(nameOf(each), { ...each, sinceMs: now, usedMs: now })
        } else if (each.act === 'remove') {
          expect(table.remove(each.prefix, each.target)).toBe(known.delete(nameOf(each)))
        } else if (each.act === 'wait') {
          now += each.ms
          const endOf = (one: Known) => Math.min(one.sinceMs + one.hardMs, one.usedMs + one.idleMs)
          const ended = [...known].filter(([, one]) => endOf(one) <= now)
          for (const [name] of ended) known.delete(name)
          expect(table.expire(now).map(nameOf).sort()).toEqual(ended.map(([name]) => name).sort())
          const next = table.nextTimeout()
          expect(next > now && next <= Math.min(Infinity, ...[...known.values()].map(endOf))).toBe(true)
        } else {
          table.ahead.fetch()
          const expected = naive([...known.values()], each.id, each.pick)
          if (expected === undefined) missed++
          else (expected as Known).usedMs = now
          expect(table.explain(each.id, each.pick)?.target).toEqual(expected?.target)
          expect(table.resolve(each.id, each.pick, 0, 100, now)).toEqual(expected?.target)
        }
        expect(table.size).toBe(known.size)
      }
      expect(table.missed).toBe(missed)
      const described = (one: Line) => [nameOf(one), one.priority, one.weight]
      const inOrder = (all: readonly Line[]) => all.map(described).sort()
      expect(inOrder(table.rules())).toEqual(inOrder([...known.values()]))
      for (const prefix of acts.flatMap(each => ('prefix' in each ? [each.prefix] : [])))
        expect(table.targets(prefix)).toEqual(
          [...known.values()].filter(one => one.prefix.text === prefix.text).map(({ target }) => target),
        )
    }),
    { numRuns: 300 },
  )
})

test('finds the longest of many prefixes that differ in few bits', () => {
  const WORDS = 3
  const bytesOf = (bits: readonly number[]): Uint8Array => {
    const bytes = new Uint8Array(SERVICE_BYTES)
    // Four bits of each of the first words, so that tries grow and shrink.
    for (const bit of bits) {
      const at = 32 * (bit >> 2) + 8 * (bit & 3)
      bytes[at >> 3] = must(bytes[at >> 3]) | (0x80 >> (at & 7))
    }
    return bytes
  }
  const key = fc.subarray(Array.from({ length: 4 * WORDS }, (_, i) => i)).map(bytesOf)
  const length = fc.oneof(
    fc.nat(32 * WORDS),
    fc.constantFrom(0, 1, 8, 9, 16, 17, 24, 25, 31, 32, 33, 40, 41, 256),
  )
  const cut = fc.tuple(key, length).map(([id, bits]) => cutAt(id, bits))
  const step = fc.record({ adds: fc.boolean(), prefix: cut, key })
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }), steps => {
      const table = new ServiceTable<number>(5)
      const known = new Map<string, Line>()
      const target = { kind: 'drop' } as const
      for (const { adds, prefix, key } of steps) {
        const line = { prefix, target, priority: 1, weight: 1 }
        if (adds) {
          table.add(prefix, target, 1, 1)
          known.set(prefix.text, line)
        } else expect(table.remove(prefix, target)).toBe(known.delete(prefix.text))
        table.ahead.expect(key, 0)
        table.ahead.fetch()
        expect(table.explain(key, 0)?.prefix.text).toBe(naive([...known.values()], key, 0)?.prefix.text)
      }
      expect(table.size).toBe(known.size)
      for (const { prefix } of known.values()) expect(table.remove(prefix, target)).toBe(true)
      expect([table.size, table.explain(bytesOf([]), 0)]).toEqual([0, undefined])
    }),
    { numRuns: 300 },
  )
})

test('chances are exactly proportional to weights', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(weights, each => {
      const total = each.reduce((sum, one) => sum + one, 0)
      const all = servicePrefixOf('*')
      const table = filled(
        each.map((weight, address) => ({
          prefix: all,
          target: { kind: 'forward', address },
          priority: 1,
          weight,
        })),
      )
      const chosen = each.map(() => 0)
      for (let i = 0; i < total; i++) {
        const found = table.resolve(all.id, (i + 0.5) / total, 0, 100, 0)
        if (found?.kind === 'forward') chosen[found.address] = must(chosen[found.address]) + 1
      }
      expect(chosen).toEqual(each)
      expect(table.rules().map(({ packets, bytes }) => [packets, bytes])).toEqual(each.map(n => [n, 100 * n]))
    }),
  )
})

test('a draining rule decides nothing, as if it were removed', () => {
  fc.assert(
    fc.property(lines, id, pick, (all, other, at) => {
      const table = filled(all)
      const before = table.explain(other, at)?.target
      for (const each of all) if (each.weight === 0) table.remove(each.prefix, each.target)
      expect(table.explain(other, at)?.target).toEqual(before)
    }),
  )
})

test('adding or removing twice equals once, and other rules keep their counters', () => {
  fc.assert(
    fc.property(lines, line, id, (all, one, other) => {
      const table = filled(all)
      fc.pre(!contradicts(all, one))
      table.resolve(other, 0, 0, 100, 0)
      const before = table.rules()
      const isKnown = all.some(each => nameOf(each) === nameOf(one))
      table.add(one.prefix, one.target, one.priority, one.weight)
      const once = table.rules()
      table.add(one.prefix, one.target, one.priority, one.weight)
      expect(table.rules()).toEqual(once)
      expect(table.remove(one.prefix, one.target)).toBe(true)
      expect(table.remove(one.prefix, one.target)).toBe(false)
      expect(table.rules()).toEqual(before.filter(rule => !isKnown || nameOf(rule) !== nameOf(one)))
    }),
  )
})

test('lists the longest prefixes first, then by serviceID, then the highest priority', () => {
  fc.assert(
    fc.property(lines, all => {
      const order = all
        .map(each => [
          256 - each.prefix.bits,
          Buffer.from(each.prefix.id).toString('hex'),
          PRIORITY_LIMIT - each.priority,
        ])
        .map(
          ([bits, digits, rank]) =>
            `${String(bits).padStart(3, '0')} ${digits} ${String(rank).padStart(10, '0')}`,
        )
      const listed = filled(all)
        .rules()
        .map(({ prefix, priority }) => [
          256 - prefix.bits,
          Buffer.from(prefix.id).toString('hex'),
          PRIORITY_LIMIT - priority,
        ])
        .map(
          ([bits, digits, rank]) =>
            `${String(bits).padStart(3, '0')} ${digits} ${String(rank).padStart(10, '0')}`,
        )
      expect(listed).toEqual(order.sort())
    }),
  )
})

test('a list is a snapshot', () => {
  const all = servicePrefixOf('*')
  const table = filled([{ prefix: all, target: { kind: 'drop' }, priority: 1, weight: 1 }])
  const [rule] = table.rules()
  table.resolve(all.id, 0, 0, 100, 0)
  expect(must(rule).packets).toBe(0)
})

test('reads a serviceID in place from a packet', () => {
  const table = filled([
    { prefix: servicePrefixOf('acme'), target: { kind: 'drop' }, priority: 1, weight: 1 },
  ])
  const packet = Uint8Array.of(9, 9, 9, ...servicePrefixOf('acme/echo').id)
  expect(table.resolve(packet, 0, 3, 100, 0)).toEqual({ kind: 'drop' })
  expect(table.resolve(packet, 0, 2, 100, 0)).toBeUndefined()
})

test('a drop after a resolution is counted at the rule chosen last', () => {
  const all = servicePrefixOf('*')
  const table = filled([{ prefix: all, target: { kind: 'forward', address: 1 }, priority: 1, weight: 1 }])
  table.countDrop()
  for (let i = 0; i < 3; i++) table.resolve(all.id, 0, 0, 40, 0)
  table.countDrop()
  table.countDrop()
  expect(table.rules()).toMatchObject([{ packets: 3, bytes: 120, drops: 2 }])
  table.remove(all, { kind: 'forward', address: 1 })
  table.add(all, { kind: 'drop' }, 1, 1)
  table.countDrop()
  expect(table.rules()).toMatchObject([{ packets: 0, bytes: 0, drops: 0 }])
})

test('adding a rule again restarts its time-outs, or removes them', () => {
  const all = servicePrefixOf('*')
  const drop = { kind: 'drop' } as const
  const table = new ServiceTable<number>()
  table.add(all, drop, 1, 1, { now: 0, hardMs: 10 })
  table.add(all, drop, 1, 1, { now: 5, hardMs: 10 })
  expect([table.nextTimeout(), table.expire(14), table.expire(15).length]).toEqual([15, [], 1])
  table.add(all, drop, 1, 1, { now: 20, idleMs: 10 })
  table.add(all, drop, 1, 1)
  expect([table.nextTimeout(), table.expire(1e9), table.size]).toEqual([Infinity, [], 1])
})

test('a limited number of rules expire in one turn', () => {
  const table = new ServiceTable<number>()
  const all = servicePrefixOf('*')
  for (let i = 0; i < TARGETS_LIMIT; i++)
    table.add(all, { kind: 'forward', address: i }, 1, 1, { now: 0, hardMs: 1 })
  table.add(servicePrefixOf('acme'), { kind: 'drop' }, 1, 1, { now: 0, hardMs: 1 })
  expect([table.expire(1).length, table.nextTimeout(), table.expire(1).length, table.size]).toEqual([
    EXPIRED_AT_ONCE,
    1,
    1,
    0,
  ])
})

test('pages list every rule once, whatever their size', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 5 }), (all, count) => {
      const table = filled(all)
      const told: ServiceRule<number>[] = []
      let after = 0
      do {
        const { rules, next } = table.page(after, count)
        expect(rules.length).toBeLessThanOrEqual(count)
        told.push(...rules)
        after = next
      } while (after !== 0)
      const names = (rules: readonly ServiceRule<number>[]) => rules.map(nameOf).sort()
      expect(names(told)).toEqual(names(table.rules()))
    }),
  )
})
