import { expect, test } from 'vitest'
import { LongRun } from '../checker/testing/longRun.ts'
import { besiege } from './siege.ts'

const COUNT = 1_000_000

test.each([
  1, 2, 3,
])('processes survive a million mutants of the packets that they exchange: seed %i', async seed => {
  const run = new LongRun(`mutants over UDP, seed ${seed}`, COUNT)
  const { received, faults } = await besiege(seed, COUNT, run.at)
  run.over({ received, faults })
  expect(received).toBeGreaterThan(COUNT * 0.9)
  expect(faults).toBe(0)
})
