import { expect, test } from 'vitest'
import { BURST_SEGMENTS } from './limits.ts'
import { Pacer } from './pacer.ts'

const MSS = 1000

/** Returns how many segments may leave at `nowMs`, given a window of `segments` and the round-trip time. */
function burst(
  pacer: Pacer,
  nowMs: number,
  segments: number,
  roundTripMs: number,
  isSlowStart = false,
): number {
  let count = 0
  while (count < 10_000 && pacer.allows(MSS, segments * MSS, roundTripMs, isSlowStart, nowMs)) {
    pacer.sent(MSS)
    count++
  }
  return count
}

test('bursts are limited', () => {
  expect(burst(new Pacer(), 0, 1000, 1000)).toBe(BURST_SEGMENTS)
})

test('a fast path has larger bursts: 2 ms of its rate', () => {
  expect(burst(new Pacer(), 0, 1000, 20)).toBe(2 * 1.25 * 50)
  expect(burst(new Pacer(), 0, 1000, 20, true)).toBe(2 * 2 * 50)
})

test('over a round trip, a quarter more than the window may leave', () => {
  const pacer = new Pacer()
  burst(pacer, 0, 1000, 100)
  let sum = 0
  for (let now = 1; now <= 100; now++) sum += burst(pacer, now, 1000, 100)
  expect(sum).toBeGreaterThan(1240)
  expect(sum).toBeLessThan(1260)
})

test('predicts when the next segment may leave', () => {
  const pacer = new Pacer()
  burst(pacer, 5, 1000, 1000)
  expect(pacer.atMs).toBeGreaterThanOrEqual(6)
  expect(pacer.atMs).toBeLessThan(8)
  expect(burst(pacer, pacer.atMs, 1000, 1000)).toBeGreaterThan(0)
})

test('paths that are too short to time, or unknown, are not paced', () => {
  expect(burst(new Pacer(), 0, 1000, 0.5)).toBe(10_000)
  expect(burst(new Pacer(), 0, 1000, -1)).toBe(10_000)
})

test('a new path starts with a full bucket', () => {
  const pacer = new Pacer()
  burst(pacer, 0, 1000, 1000)
  pacer.restart()
  expect(pacer.atMs).toBe(Number.POSITIVE_INFINITY)
  expect(burst(pacer, 0, 1000, 1000)).toBe(BURST_SEGMENTS)
})
