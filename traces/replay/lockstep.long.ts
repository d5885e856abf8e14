/** Many walks through every model in lockstep with the stack. `lockstep.test.ts` takes a few. */
import { expect, test } from 'vitest'
import { playedModels, walkInLockstep } from './testing/lockstepWalks.ts'

/** All take about 5 minutes on one core. */
const WALKS = 200
/** Those through `flows` are cheap. */
const WALKS_OF_FLOWS = 2000

/** Everything that may happen in `flows`, but that a host removes no flow by a FIN. */
const WIDE = { adds: 2, keeps: 2, marks: 2, changes: 2, moves: 1, duplication: 1, capacity: 3 }

test.each(playedModels)('walks through $name: the same states, registers and packets on the stack', ({
  name,
}) => {
  const { steps, difference, where } = walkInLockstep(name, WALKS)
  expect(difference, where).toBeUndefined()
  expect(steps).toBeGreaterThan(10 * WALKS)
})

test.each([
  ['its default bounds', {}],
  ['more bounds', WIDE],
] as const)('many walks through flows at %s', (_, bounds) => {
  const { steps, difference, where } = walkInLockstep('flows', WALKS_OF_FLOWS, bounds)
  expect(difference, where).toBeUndefined()
  expect(steps).toBeGreaterThan(10 * WALKS_OF_FLOWS)
})
