import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { MOST_RANGES } from './limits.ts'
import { Ranges } from './ranges.ts'

const SPACE = 60

test('ranges behave like a set of numbers', () => {
  const step = fc.tuple(fc.nat(SPACE - 1), fc.integer({ min: 1, max: 9 }))
  const property = fc.property(fc.array(step, { maxLength: 40 }), steps => {
    const ranges = new Ranges()
    const set = new Set<number>()
    for (const [from, length] of steps) {
      expect(ranges.has(from, from + length)).toBe(runOf(set, from, length))
      expect(ranges.mayAdd(from, from + length)).toBe(true)
      const meeting = ranges.meeting(from, from + length)
      expect(meeting).toBe(runsOf(set).findIndex(([left, right]) => left < from + length && right > from))
      ranges.add(from, from + length)
      for (let i = from; i < from + length; i++) set.add(i)
      expect(listed(ranges)).toEqual(runsOf(set))
      const newest = new Int32Array(4)
      expect(ranges.newest(newest, 4)).toBeGreaterThan(0)
      expect(ranges.left[at(newest, 0)]).toBeLessThanOrEqual(from)
      expect(ranges.right[at(newest, 0)]).toBeGreaterThanOrEqual(from + length)
    }
    for (let left = ranges.count; left > 0; left--) {
      const [, end] = at(runsOf(set), 0)
      expect(ranges.shift()).toBe(end)
      for (const i of set) if (i < end) set.delete(i)
      expect(listed(ranges)).toEqual(runsOf(set))
    }
  })
  fc.assert(property)
})

test('the newest range is listed first, then the one before it (RFC 2018, 4)', () => {
  const ranges = new Ranges()
  for (const left of [10, 50, 30, 20, 40]) ranges.add(left, left + 5)
  ranges.add(15, 16)
  const newest = new Int32Array(4)
  expect(ranges.newest(newest, 3)).toBe(3)
  expect([...newest.subarray(0, 3)].map(i => ranges.left[i])).toEqual([10, 40, 20])
})

test('the number of ranges is limited', () => {
  const ranges = new Ranges()
  for (let i = 0; i < MOST_RANGES; i++) {
    expect(ranges.mayAdd(2 * i + 2, 2 * i + 3)).toBe(true)
    ranges.add(2 * i + 2, 2 * i + 3)
  }
  expect(ranges.mayAdd(0, 1)).toBe(false)
  expect(ranges.mayAdd(2, 5)).toBe(true)
  ranges.add(2, 5)
  expect(ranges.count).toBe(MOST_RANGES - 1)
})

const listed = (ranges: Ranges) =>
  Array.from({ length: ranges.count }, (_, i) => [ranges.left[i], ranges.right[i]])

/** Returns the runs of consecutive numbers. */
function runsOf(set: ReadonlySet<number>): [number, number][] {
  const runs: [number, number][] = []
  for (const i of [...set].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last?.[1] === i) last[1] = i + 1
    else runs.push([i, i + 1])
  }
  return runs
}

const runOf = (set: ReadonlySet<number>, from: number, length: number): boolean =>
  Array.from({ length }, (_, i) => from + i).every(i => set.has(i))
