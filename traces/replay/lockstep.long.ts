/** Many walks through every model in lockstep with the stack. `lockstep.test.ts` takes a few. */
import { expect, test } from 'vitest'
import { playedModels, walkInLockstep } from './testing/lockstepWalks.ts'

/** All take about 5 minutes on one core. */
const WALKS = 200

test.each(playedModels)('walks through $name: the same states, registers and packets on the stack', ({
  name,
}) => {
  const { steps, difference, where } = walkInLockstep(name, WALKS)
  expect(difference, where).toBeUndefined()
  expect(steps).toBeGreaterThan(10 * WALKS)
})
