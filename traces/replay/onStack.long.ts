/** Replays every trace that the stack can play. `onStack.test.ts` replays one of each model. */
import { expect, test } from 'vitest'
import { comparedOnStack, playable } from './testing/playTrace.ts'

test.each(playable)('%s gives the same steps on the stack as in the model', name => {
  const { outcome, outcomes, steps, expectedSteps, difference } = comparedOnStack(name)
  expect(outcomes, difference).toContain(outcome)
  expect(steps).toBe(expectedSteps)
})
