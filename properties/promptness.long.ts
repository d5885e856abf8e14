/** Every prompt world, and every defect that only a prompt world shows. `promptness.test.ts` explores a few. */
import { describe, expect, test } from 'vitest'
import { slowDefects } from './defects/slow.ts'
import {
  expectedOf,
  explorePrompt,
  promptNames,
  propertyOf,
  violatedPromptly,
  violatedWithTimers,
} from './testing/promptWorlds.ts'

test('every prompt world reaches its goals, has them, and loses nothing', async () => {
  expect(await explorePrompt(promptNames)).toEqual(expectedOf(promptNames))
})

describe.each(slowDefects)('$id: $sentence', defect => {
  test('violates promptness', async () => {
    expect(await violatedPromptly(defect)).toContain(propertyOf(defect))
  })

  test('violates nothing in a world with losses and timers', async () => {
    expect(await violatedWithTimers(defect)).toEqual([])
  })
})
