import { describe, expect, test } from 'vitest'
import { Chooser } from '../../checker/fuzz/chooser.ts'
import { SLOW } from '../../checker/testing/limits.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { salWeighting } from '../../properties/weighting.ts'
import { chooser } from '../../spec/machines/flow/testing/draw.ts'
import { isFlowModel } from '../../spec/worlds/flow/scene.ts'
import { models } from '../../spec/worlds/index.ts'
import { catalogue } from '../catalogue.ts'
import { Lockstep, LYING, STATELESS } from './lockstep.ts'

/** Walks through each model, at its default bounds. */
const WALKS = 15
const STEPS = 120

/** The server of this model is a prototype, and its field `fin` says whether an ACK names the service. */
const OTHER_STACK = 'prototype-server'

const NOT_PLAYED: ReadonlySet<string> = new Set([OTHER_STACK, STATELESS, LYING])
const runOnStack = models.filter(isFlowModel).filter(({ name }) => !NOT_PLAYED.has(name))

describe.each(runOnStack)('walks through $name', SLOW, model => {
  test('give the same states, registers and packets on the stack', () => {
    const setting = settingOf({ model: model.name, bounds: {} }, catalogue)
    const weighted = new Chooser(setting.world, salWeighting)
    let steps = 0
    for (let walk = 0; walk < WALKS; walk++) {
      const draw = chooser(walk)
      const mood = weighted.mood(Array.from({ length: weighted.families }, () => draw(1000)))
      const lockstep = new Lockstep(setting)
      for (let i = 0; i < STEPS; i++) {
        const choices = lockstep.choices()
        const rules = choices.map(({ rule }) => rule)
        const rule = weighted.choose(lockstep.state, rules, mood, draw(2 ** 31))
        const choice = choices.find(one => one.rule === rule)
        if (choice === undefined) break
        const { difference, limit } = lockstep.take(choice)
        expect(difference, `${choice.label} after ${i} steps of walk ${walk}`).toBeUndefined()
        if (limit !== undefined) break
        steps++
      }
    }
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
