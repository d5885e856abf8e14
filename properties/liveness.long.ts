/** Tries every assumption of fairness. `liveness.test.ts` tries those of a few models. */
import { expect, test } from 'vitest'
import { liveness } from '../spec/worlds/invariants.ts'
import { NEEDED_IN_LARGE_WORLDS, SMALL, weaken } from './testing/assumptions.ts'

test('every property holds, and needs each of its assumptions', async () => {
  const { tried, lassos } = await weaken(SMALL)
  expect(liveness.filter(({ id }) => lassos.has(id))).toEqual([])
  expect([...tried].filter(id => !lassos.has(id)).sort()).toEqual(NEEDED_IN_LARGE_WORLDS.toSorted())
})
