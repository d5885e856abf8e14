import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { catalogue } from '../catalogue.ts'
import { Lockstep, UNPLAYED } from './lockstep.ts'
import { playedModels, walkInLockstep } from './testing/lockstepWalks.ts'

/** Walks through each model. */
const WALKS = 4

/** Models that are lowered quickly. `lockstep.long.ts` takes many walks through each model. */
const SAMPLE = [
  ...['two-party', 'half-closed', 'crossing', 'challenge', 'make-before-break'],
  ...['restart', 'translator', 'rendezvous', 'joining'],
]

describe.each(playedModels.filter(({ name }) => SAMPLE.includes(name)))(
  'walks through $name',
  SLOW,
  ({ name }) => {
    test('give the same states, registers and packets on the stack', () => {
      const { steps, difference, where } = walkInLockstep(name, WALKS)
      expect(difference, where).toBeUndefined()
      expect(steps).toBeGreaterThan(10 * WALKS)
    })
  },
)

test.each([...UNPLAYED])('the model %s is rejected with TRACE_STACK: %s', (model, why) => {
  const setting = settingOf({ model, bounds: {} }, catalogue)
  expect(() => new Lockstep(setting)).toThrow(`TRACE_STACK: the stack cannot play '${model}': ${why}`)
})
