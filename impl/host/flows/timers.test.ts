import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TIMERS_LIMIT, Timers } from './timers.ts'

const slot = fc.oneof(fc.nat(6), fc.nat(200))
/** Few values, so that many are equal. */
const timeMs = fc.oneof(
  fc.nat(10),
  fc.constantFrom(-1, 0.5, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
)
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('schedule' as const), slot, timeMs }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('cancel' as const), slot }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('due' as const), timeMs }) },
)

interface Deadline {
  readonly slot: number
  readonly timeMs: number
}

test('behaves like a list sorted by time, then by order of scheduling', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 150, size: 'max' }), acts => {
      const timers = new Timers()
      /** In the order of scheduling. */
      let list: readonly Deadline[] = []
      const earliest = () => list.toSorted((a, b) => a.timeMs - b.timeMs || 0)[0]
      const without = (gone: number) => list.filter(one => one.slot !== gone)
      for (const one of acts) {
        if (one.act === 'schedule') {
          timers.schedule(one.slot, one.timeMs)
          list = without(one.slot)
          if (one.timeMs !== Number.POSITIVE_INFINITY) list = [...list, one]
        } else if (one.act === 'cancel') {
          timers.cancel(one.slot)
          list = without(one.slot)
        } else {
          const first = earliest()
          const isDue = first !== undefined && first.timeMs <= one.timeMs
          expect(timers.due(one.timeMs)).toBe(isDue ? first.slot : -1)
          if (isDue) list = without(first.slot)
        }
        expect(timers.next()).toBe(earliest()?.timeMs ?? Number.POSITIVE_INFINITY)
        expect(timers.size).toBe(list.length)
      }
    }),
    { numRuns: 300 },
  )
})

test('simultaneous deadlines come in the order of scheduling; a moved deadline goes last', () => {
  const timers = new Timers()
  for (const slot of [5, 3, 9, 1]) timers.schedule(slot, 100)
  timers.schedule(3, 100)
  expect(timers.due(99)).toBe(-1)
  expect([1, 2, 3, 4, 5].map(() => timers.due(100))).toEqual([5, 9, 1, 3, -1])
})

test('many deadlines come out in order', () => {
  const timers = new Timers()
  const times = Array.from({ length: 20_000 }, (_, slot) => (slot * 7919) % 10_007)
  times.forEach((timeMs, slot) => {
    timers.schedule(slot, timeMs)
  })
  for (let slot = 0; slot < times.length; slot += 3) timers.cancel(slot)
  const expected = times
    .map((timeMs, slot) => ({ timeMs, slot }))
    .filter(({ slot }) => slot % 3 !== 0)
    .sort((a, b) => a.timeMs - b.timeMs)
    .map(({ slot }) => slot)
  expect(expected.map(() => timers.due(20_000))).toEqual(expected)
  expect(timers.size).toBe(0)
})

test('rejects a slot out of range and NaN', () => {
  const timers = new Timers()
  for (const slot of [-1, 0.5, TIMERS_LIMIT, Number.NaN])
    expect(() => timers.schedule(slot, 1)).toThrow(RangeError)
  expect(() => timers.schedule(0, Number.NaN)).toThrow(RangeError)
  timers.cancel(TIMERS_LIMIT + 1)
  timers.cancel(-1)
  expect(timers.size).toBe(0)
  timers.schedule(TIMERS_LIMIT - 1, 1)
  expect(timers.due(1)).toBe(TIMERS_LIMIT - 1)
})
