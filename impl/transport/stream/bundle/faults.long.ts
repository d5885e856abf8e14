/** Many more random runs than faults.test.ts. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyRun, Trial } from './testing/anyNet.ts'

const RUNS = 10_000

test('nothing is lost in 10,000 runs', () => {
  let several = 0
  fc.assert(
    fc.property(anyRun, run => {
      if (new Trial(run).go().net.flows.length > 1) several++
    }),
    { numRuns: RUNS },
  )
  expect(several).toBeGreaterThan(RUNS / 2)
})
