import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateLimit } from './rateLimit.ts'

const setting = fc.record({
  perSecond: fc.integer({ min: 1, max: 5000 }),
  burst: fc.integer({ min: 1, max: 20 }),
})
/** Times between attempts, often none. */
const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(3000)), { maxLength: 80, size: 'max' })
const timesOf = (between: readonly number[]): readonly number[] => {
  let now = 1e9
  return between.map(gap => (now += gap))
}

test('never exceeds its rate and burst in any interval', () => {
  fc.assert(
    fc.property(setting, gaps, ({ perSecond, burst }, between) => {
      const limit = new RateLimit(perSecond, burst)
      const passed = timesOf(between).filter(now => limit.take(now))
      passed.forEach((first, i) => {
        passed.slice(i).forEach((last, n) => {
          expect(1000 * (n + 1)).toBeLessThanOrEqual(1000 * burst + (last - first) * perSecond)
        })
      })
    }),
  )
})

test('refuses only what would exceed the limit', () => {
  fc.assert(
    fc.property(setting, gaps, ({ perSecond, burst }, between) => {
      const limit = new RateLimit(perSecond, burst)
      const passed: number[] = []
      for (const now of timesOf(between)) {
        // The attempt would exceed the limit in some interval that ends now. The arithmetic is exact.
        const isTooMuch = [...passed, now].some(
          (first, i) => 1000 * (passed.length - i + 1) > 1000 * burst + (now - first) * perSecond,
        )
        expect(limit.take(now)).toBe(!isTooMuch)
        if (!isTooMuch) passed.push(now)
      }
    }),
  )
})

test('begins full, allows bursts, then the rate', () => {
  const limit = new RateLimit(2, 3)
  const passed = (nowMs: number) => [1, 2, 3, 4].filter(() => limit.take(nowMs)).length
  expect([0, 0, 499, 500, 999, 1000, 60_000].map(passed)).toEqual([3, 0, 0, 1, 0, 1, 3])
})

test('a higher cost is allowed less often', () => {
  const limit = new RateLimit(1, 10)
  expect([4, 4, 4, 2, 0.5].map(cost => limit.take(0, cost))).toEqual([true, true, false, true, false])
  expect(limit.take(250, 0.5)).toBe(false)
  expect(limit.take(500, 0.5)).toBe(true)
})

test('time that goes back adds no tokens, neither then nor when it passes again', () => {
  const limit = new RateLimit(1, 1)
  expect([5000, 0, 5000, 5999, 6000].map(now => limit.take(now))).toEqual([true, false, false, false, true])
  const twice = new RateLimit(1, 2)
  expect([5000, 0, 0].map(now => twice.take(now))).toEqual([true, true, false])
})

test('a limit that would allow nothing is rejected', () => {
  for (const [perSecond, burst] of [
    [0, 1],
    [-1, 1],
    [1, 0.5],
    [Number.NaN, 1],
    [1, Number.NaN],
  ] as const)
    expect(() => new RateLimit(perSecond, burst)).toThrow(RangeError)
})
