import { expect, test } from 'vitest'
import { world } from '../lower/testing/smallWorld.ts'
import { bits } from '../lower/value.ts'
import { batchWalks, fuzz } from './fuzz.ts'
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

/**
 * A walk ends when it falls from the first step. Nine steps of `up` in a row are too rare for random walks, so that the
 * goal seems out of reach; a search finds it.
 */
const ladder = world(
  { up: bits(4), over: bits(1) },
  {
    rules: [
      {
        name: 'up',
        kind: 'protocol',
        when: w => w.over === 0 && w.up < 9,
        take: w => {
          w.up++
        },
      },
      {
        name: 'fall',
        kind: 'protocol',
        when: w => w.over === 0,
        take: w => {
          if (w.up === 1) w.over = 1
          w.up = 0
        },
      },
    ],
    recoveries: [{ id: 'top', when: w => w.over === 0, goal: w => w.up === 9 }],
  },
)
const falling: Weighting = { ...byKind, weigh: ({ name }) => (name === 'up' ? 1 : 3) }

test('several fuzzings that share the batches of a seed take the walks of one', async () => {
  const steps = 20_000
  const batch = batchWalks(steps)
  const walks = { seed: 1, steps, weighting: falling, invariants: 'none' } as const
  const whole = await fuzz(ladder, { ...walks, runs: 5 * batch })
  const parts = [
    await fuzz(ladder, { ...walks, runs: 2 * batch }),
    await fuzz(ladder, { ...walks, firstBatch: 2, runs: 3 * batch }),
  ]
  expect(parts.reduce((sum, { steps }) => sum + steps, 0)).toBe(whole.steps)
})

test('a suspicion that a proof refutes leaves the walks as they are', async () => {
  const walks = { ...effort, weighting: falling }
  const [watchful, plain] = [await fuzz(ladder, walks), await fuzz(ladder, { ...walks, invariants: 'none' })]
  expect(watchful).toEqual(plain)
})
