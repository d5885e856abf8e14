/** A path that takes millions of segments to fill. `goodput.test.ts` fills slower ones. */
import { expect, test } from 'vitest'
import { MEGA, transfer } from './testing/goodput.ts'

test('a path of 1 Gb/s at 20 ms is filled, the receive window growing on the way', () => {
  const { mbPerS, repeated } = transfer(40 * MEGA, { latencyMs: 10, rate: 1e9, queueBytes: 2_500_000 })
  expect(mbPerS).toBeGreaterThan(550)
  expect(repeated).toBe(0)
})
