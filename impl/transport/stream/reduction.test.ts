/** RFC 6937: a loss in a window of 100 segments, of which 70 may remain. */
import { expect, test } from 'vitest'
import { Reduction } from './reduction.ts'

const MSS = 1000

test('the window shrinks to the threshold over one round trip, clocked by arrivals', () => {
  const reduction = new Reduction()
  let pipe = 96 * MSS
  let sent = 0
  reduction.begin(100 * MSS, 70 * MSS, pipe, MSS)
  for (let i = 0; i < 95; i++) {
    pipe -= MSS
    reduction.deliver(MSS, pipe, false, MSS)
    for (; pipe + MSS <= reduction.window; pipe += MSS) {
      reduction.sent(MSS)
      sent++
    }
  }
  // About 7 segments leave for each 10 that arrive.
  expect(sent).toBeGreaterThan(62)
  expect(sent).toBeLessThan(71)
  expect(pipe / MSS).toBeGreaterThan(65)
  expect(pipe / MSS).toBeLessThanOrEqual(71)
})

test('the first lost segment leaves immediately, whatever has arrived', () => {
  const reduction = new Reduction()
  reduction.begin(100 * MSS, 70 * MSS, 96 * MSS, MSS)
  expect(reduction.window).toBe(97 * MSS)
  reduction.deliver(MSS, 95 * MSS, false, MSS)
  expect(reduction.window).toBe(96 * MSS)
})

test.each([
  [true, 41 + 2],
  [false, 41 + 1],
])('below the threshold each arrival is replaced, with one more if nothing else was lost (%s)', (isSafe, window) => {
  const reduction = new Reduction()
  reduction.begin(100 * MSS, 70 * MSS, 42 * MSS, MSS)
  reduction.sent(MSS)
  reduction.deliver(MSS, 41 * MSS, false, MSS)
  reduction.deliver(MSS, 41 * MSS, isSafe, MSS)
  expect(reduction.window).toBe(window * MSS)
})

test('never exceeds the threshold', () => {
  const reduction = new Reduction()
  reduction.begin(100 * MSS, 70 * MSS, 69 * MSS, MSS)
  reduction.sent(MSS)
  reduction.deliver(20 * MSS, 69 * MSS, true, MSS)
  expect(reduction.window).toBe(70 * MSS)
})
