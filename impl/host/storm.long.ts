import fc from 'fast-check'
import { test } from 'vitest'
import { LongRun } from '../../checker/testing/longRun.ts'
import { weather } from './testing/stormWorld.ts'

const STORMS = 100
const MUTANTS = 20_000

test('hosts survive two million mutants of their own packets', () => {
  const run = new LongRun('mutants in virtual time', STORMS * MUTANTS)
  let delivered = 0
  fc.assert(
    fc.property(fc.nat(), seed => {
      weather(seed, MUTANTS)
      delivered += MUTANTS
      run.at(delivered)
    }),
    { numRuns: STORMS },
  )
  run.over({ faults: 0 })
})
