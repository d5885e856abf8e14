import { expect, test } from 'vitest'
import { world } from '../lower/testing/smallWorld.ts'
import { bits } from '../lower/value.ts'
import { fuzz } from './fuzz.ts'
import { byKind, type Weighting } from './weighting.ts'

interface W {
  up: number
  down: number
}

/** Two counters. Only nine steps of `up` in a row violate the invariant. */
const counters = world(
  { up: bits(4), down: bits(4) },
  {
    rules: [
      {
        name: 'up',
        kind: 'protocol',
        when: (w: W) => w.up < 9,
        take: (w: W) => {
          w.up++
        },
      },
      {
        name: 'down',
        kind: 'environment',
        when: () => true,
        take: (w: W) => {
          w.up = 0
        },
      },
    ],
    invariants: [{ id: 'low', holds: (w: W) => w.up < 9 }],
  },
)

const effort = { runs: 300, steps: 30, seed: 1 }

test('walks find the shortest violation of any world', async () => {
  const { verdict, violation } = await fuzz(counters, effort)
  expect(verdict).toBe('violated')
  expect(violation).toMatchObject({ id: 'low', kind: 'invariant', rules: Array(9).fill(0) })
})

test('walks never take a family whose weight is 0', async () => {
  const never: Weighting = { ...byKind, weigh: ({ name }) => (name === 'up' ? 0 : 1) }
  expect(await fuzz(counters, { ...effort, weighting: never })).toMatchObject({ verdict: 'holds', runs: 300 })
})

test('weights may depend on the phase of a state', async () => {
  const onlyAtFirst: Weighting = {
    ...byKind,
    phases: 2,
    phaseIn: () => state => (state[0] === 0 ? 0 : 1),
    weigh: ({ name }, phase) => (name === 'up' && phase === 1 ? 0 : 1),
  }
  expect(await fuzz(counters, { ...effort, weighting: onlyAtFirst })).toMatchObject({ verdict: 'holds' })
})
