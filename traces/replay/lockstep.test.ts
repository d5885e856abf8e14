import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { catalogue } from '../catalogue.ts'
import { Lockstep, LYING, STATELESS } from './lockstep.ts'
import { playedModels, walkInLockstep } from './testing/lockstepWalks.ts'

/** Walks through each model. `lockstep.long.ts` takes forty times as many. */
const WALKS = 5

describe.each(playedModels)('walks through $name', SLOW, ({ name }) => {
  test('give the same states, registers and packets on the stack', () => {
    const { steps, difference, where } = walkInLockstep(name, WALKS)
    expect(difference, where).toBeUndefined()
    expect(steps).toBeGreaterThan(10 * WALKS)
  })
})

test('the model of a lying peer is rejected with TRACE_STACK', () => {
  const setting = settingOf({ model: LYING, bounds: {} }, catalogue)
  expect(() => new Lockstep(setting)).toThrow(/^TRACE_STACK: .*'lying-peer'/)
})

test('the model of stateless answers is rejected with TRACE_STACK', () => {
  const setting = settingOf({ model: STATELESS, bounds: {} }, catalogue)
  expect(() => new Lockstep(setting)).toThrow(/^TRACE_STACK: .*'flood'/)
})
