import fc from 'fast-check'
import { expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { seededXoshiro128 } from '../random/xoshiro.ts'
import { FLOWS_LIMIT, FlowTable } from './flowTable.ts'

/** The multiplicative inverse of the table's multiplier: its multiples all have the same home slot, whatever the size. */
const INVERSE = 0x0e8b_2f51
const home = (place: number): number => Math.imul(place, INVERSE) >>> 0

/** FlowIDs that collide at the first or the last slot, which wraps around, and random ones. */
const flowId = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map(home),
  fc.integer({ min: -12, max: -1 }).map(home),
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 2 ** 32 - 1 }),
)
const act = fc.oneof(
  fc.record({ act: fc.constant('set' as const), flowId, slot: fc.nat(1000) }),
  fc.record({ act: fc.constant('delete' as const), flowId }),
)

test('the colliding flowIDs of this test do collide', () => {
  expect(Math.imul(INVERSE, 0x9e37_79b1)).toBe(1)
})

test('holds the same as a Map', () => {
  const acts = fc.array(act, { maxLength: 200, size: 'max' })
  fc.assert(
    fc.property(acts, each => {
      const table = new FlowTable()
      const map = new Map<number, number>()
      for (const one of each) {
        if (one.act === 'set') {
          expect(table.set(one.flowId, one.slot)).toBe(true)
          map.set(one.flowId, one.slot)
        } else {
          expect(table.delete(one.flowId)).toBe(map.delete(one.flowId))
        }
        expect(table.size).toBe(map.size)
      }
      for (const one of each) expect(table.get(one.flowId)).toBe(map.get(one.flowId) ?? -1)
    }),
    { numRuns: 300 },
  )
})

test('0 is not a flowID', () => {
  const table = new FlowTable()
  expect([table.set(0, 1), table.get(0), table.delete(0), table.size]).toEqual([false, -1, false, 0])
})

test('flowIDs have 32 bits, signed or not; slots have 31', () => {
  const table = new FlowTable()
  table.set(2 ** 32 - 5, 2 ** 31 - 1)
  expect([table.get(-5), table.get(2 ** 32 - 5)]).toEqual([2 ** 31 - 1, 2 ** 31 - 1])
  expect([table.delete(-5), table.size]).toEqual([true, 0])
})

test('holds up to a million flows, and all can be removed', () => {
  const draw = seededXoshiro128(1)
  const flowIds = new Set<number>()
  while (flowIds.size <= FLOWS_LIMIT) flowIds.add(draw() || 1)
  const [last, ...others] = flowIds
  const table = new FlowTable()
  const refused = others.filter((id, slot) => !table.set(id, slot))
  expect(refused).toEqual([])
  expect(table.set(must(last), 0)).toBe(false)
  expect(table.set(at(others, 7), 8)).toBe(true)
  expect(table.set(at(others, 7), 7)).toBe(true)
  expect(others.filter((id, slot) => table.get(id) !== slot)).toEqual([])
  expect(others.filter(id => !table.delete(id))).toEqual([])
  expect(others.filter(id => table.get(id) !== -1)).toEqual([])
  expect(table.size).toBe(0)
})
