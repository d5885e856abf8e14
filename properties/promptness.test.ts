/** Every goal is reached without losses and timers, and what a timer hides elsewhere shows in prompt worlds. */
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { liveness } from '../spec/worlds/invariants.ts'
import { slowDefects } from './defects/slow.ts'
import {
  expectedOf,
  explorePrompt,
  propertyOf,
  violatedPromptly,
  violatedWithTimers,
} from './testing/promptWorlds.ts'

/** Prompt worlds that are explored quickly. Each property waits in one of them. `promptness.long.ts` explores all. */
const SAMPLE = ['two-party', 'half-closed', 'delay', 'registration']

test('prompt worlds reach their goals, have them, and lose nothing', SLOW, async () => {
  const expected = expectedOf(SAMPLE)
  expect(Object.values(expected.due).every(waiting => waiting.length > 0)).toBe(true)
  expect(await explorePrompt(SAMPLE)).toEqual(expected)
})

/** Defects whose worlds are explored quickly. The corpus has a trace of each, and `promptness.long.ts` explores all. */
const DEFECTS = ['S7p', 'S49p', 'S52p']

describe.each(slowDefects.filter(({ id }) => DEFECTS.includes(id)))('$id: $sentence', SLOW, defect => {
  test('violates promptness', async () => {
    expect(await violatedPromptly(defect)).toContain(propertyOf(defect))
  })

  test('violates nothing in a world with losses and timers', async () => {
    expect(await violatedWithTimers(defect)).toEqual([])
  })
})

test('a defect shows each prompt property', () => {
  const ids = liveness.filter(({ isPrompt }) => isPrompt).map(({ id }) => id)
  const shown = slowDefects.map(({ id }) => id.slice(1))
  // Every defect of a flow violates 6p as well.
  expect(ids.filter(id => id !== '6p' && !shown.includes(id))).toEqual([])
})
