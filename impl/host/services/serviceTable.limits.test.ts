import { describe, expect, test } from 'vitest'
import { codeOf, filled, type Line } from '../testing/services.ts'
import { SERVICE_BYTES, servicePrefixOf } from './serviceId.ts'
import { PRIORITY_LIMIT, ServiceTable, TARGETS_LIMIT, WEIGHT_LIMIT } from './serviceTable.ts'

describe('limits', () => {
  const drop = { kind: 'drop' } as const
  const added = (table: ServiceTable<number>, { prefix, target, priority, weight }: Line): string =>
    codeOf(() => table.add(prefix, target, priority, weight))
  const anywhere = { prefix: servicePrefixOf('*'), target: drop, priority: 1, weight: 1 }

  test.for([
    -1,
    0.5,
    PRIORITY_LIMIT + 1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('%d is neither priority nor weight', n => {
    const table = new ServiceTable<number>()
    expect(added(table, { ...anywhere, priority: n })).toBe('SERVICE_PRIORITY')
    expect(added(table, { ...anywhere, weight: n })).toBe('SERVICE_WEIGHT')
    expect(table.rules()).toEqual([])
  })

  test('the targets of a prefix are limited, and existing ones may change', () => {
    const forward = (address: number): Line => ({
      ...anywhere,
      target: { kind: 'forward', address },
      weight: WEIGHT_LIMIT,
    })
    const table = filled(Array.from({ length: TARGETS_LIMIT }, (_, i) => forward(i)))
    expect(added(table, forward(TARGETS_LIMIT))).toBe('SERVICE_FULL')
    expect(added(table, { ...forward(5), weight: 1 })).toBe('none')
    expect(added(table, { ...forward(5), weight: WEIGHT_LIMIT })).toBe('none')
    expect(table.size).toBe(TARGETS_LIMIT)
    expect(table.explain(anywhere.prefix.id, 1 - 2 ** -53)?.target).toEqual(forward(TARGETS_LIMIT - 1).target)
    expect(table.explain(anywhere.prefix.id, 0.5)?.target).toEqual(forward(TARGETS_LIMIT / 2).target)
  })

  test.for([0, -1, Number.NaN])('%d ms is not a valid time-out', ms => {
    const table = new ServiceTable<number>()
    const { prefix } = anywhere
    expect(codeOf(() => table.add(prefix, drop, 1, 1, { now: 0, idleMs: ms }))).toBe('SERVICE_TIMEOUT')
    expect(codeOf(() => table.add(prefix, drop, 1, 1, { now: 0, hardMs: ms }))).toBe('SERVICE_TIMEOUT')
    expect(table.size).toBe(0)
  })

  test.for([100, 5000])('of %d rules: a rejected one leaves nothing behind', limit => {
    const at = (n: number): Line => {
      const bytes = new Uint8Array(SERVICE_BYTES)
      new DataView(bytes.buffer).setUint32(0, n)
      return { ...anywhere, prefix: { id: bytes, bits: 32, text: '' } }
    }
    const table = new ServiceTable<number>(0, limit)
    for (let i = 0; i < limit; i++) {
      const { prefix, target, priority, weight } = at(i)
      table.add(prefix, target, priority, weight)
    }
    expect(table.size).toBe(limit)
    expect(added(table, at(limit))).toBe('SERVICE_FULL')
    expect(added(table, anywhere)).toBe('SERVICE_FULL')
    expect(table.remove(at(3).prefix, drop)).toBe(true)
    expect(added(table, anywhere)).toBe('none')
    expect(table.explain(at(3).prefix.id, 0)?.prefix.bits).toBe(0)
    expect(table.explain(at(4).prefix.id, 0)?.prefix.bits).toBe(32)
    expect(table.size).toBe(limit)
  })
})
