/** What liveness of SAL assumes is needed: without any one assumption, or with a weaker one, some model has a lasso. */
import { expect, test } from 'vitest'
import { bits } from '../checker/lower/value.ts'
import { lowerWorld } from '../checker/lower/world.ts'
import { explore } from '../checker/search/explore.ts'
import { SLOW } from '../checker/testing/limits.ts'
import { liveness } from '../spec/worlds/invariants.ts'
import { SMALL, weaken } from './testing/assumptions.ts'

/** Worlds that are explored quickly. `liveness.long.ts` explores all. */
const SAMPLE = SMALL.filter(([name]) =>
  ['make-before-break', 'delay', 'registration', 'eviction'].includes(name),
)

/** Assumptions that are needed in other worlds only. */
const NEEDED_ELSEWHERE: readonly string[] = [
  ...['6 weak expire', '6 without unanswered', '7 weak timeout', '7 without unanswered'],
  ...['41 weak expire', '41 weak timeout', '41 without unanswered'],
  ...['49 weak timeout', '49 without duplicate', '49 without lease ends'],
]

test('properties hold, and need each of their assumptions', SLOW, async () => {
  const { tried, lassos } = await weaken(SAMPLE)
  expect(liveness.filter(({ id }) => lassos.has(id))).toEqual([])
  expect([...tried].filter(id => !lassos.has(id)).sort()).toEqual(NEEDED_ELSEWHERE.toSorted())
})

/** Two visitors raise a flag and lower it when they see the other's. Each can always enter, and perhaps never does. */
const polite = lowerWorld({
  name: 'polite',
  shape: { flag: [bits(1), bits(1)], inside: [bits(1), bits(1)] },
  ...{ did: [], machines: {}, effects: {}, scope: {}, invariants: [], witnesses: [] },
  rules: [
    {
      name: 'raise',
      kind: 'protocol',
      over: { i: [0, 1] },
      when: (w, { i }) => w.flag[i as number] === 0,
      take: (w, { i }) => {
        w.flag[i as number] = 1
      },
    },
    {
      name: 'lower',
      kind: 'protocol',
      over: { i: [0, 1] },
      when: (w, { i }) => w.flag[i as number] === 1 && w.flag[1 - (i as number)] === 1,
      take: (w, { i }) => {
        w.flag[i as number] = 0
      },
    },
    {
      name: 'enter',
      kind: 'protocol',
      over: { i: [0, 1] },
      when: (w, { i }) => w.flag[i as number] === 1 && w.flag[1 - (i as number)] === 0,
      take: (w, { i }) => {
        w.inside[i as number] = 1
      },
    },
  ],
  recoveries: [{ id: 'recovers', when: () => true, goal: w => w.inside[0] === 1 }],
  liveness: [
    { id: 'enters', ends: w => w.inside[0] === 0, under: { raise: 'weak', lower: 'weak', enter: 'weak' } },
  ],
  final: () => true,
})

test('a livelock violates liveness, but no recovery', async () => {
  const { violations } = await explore(polite.system)
  expect(violations.map(({ id }) => id)).toEqual(['enters'])
})
