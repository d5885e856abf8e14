/** What liveness of SAL assumes is needed: without any one assumption, or with a weaker one, some model has a lasso. */
import { expect, test } from 'vitest'
import type { Liveness, System } from '../checker/ir/ir.ts'
import { bits } from '../checker/lower/value.ts'
import { lowerWorld } from '../checker/lower/world.ts'
import { explore } from '../checker/search/explore.ts'
import { SLOW } from '../checker/testing/limits.ts'
import { must } from '../checker/text/at.ts'
import { leastBounds } from '../spec/worlds/bounds.ts'
import { models } from '../spec/worlds/index.ts'
import { liveness } from '../spec/worlds/invariants.ts'
import type { Bounds } from '../spec/worlds/model.ts'

const SMALL: readonly (readonly [model: string, bounds: Bounds])[] = [
  ['two-party', { capacity: 1, clientMoves: 1, closes: 2 }],
  ['crossing', { capacity: 1, clientMoves: 1, serverMoves: 1 }],
  ['half-closed', { capacity: 1, clientMoves: 1 }],
  ['make-before-break', { capacity: 1, clientMoves: 1, closes: 2, dead: 1 }],
  ['two-clients', {}],
  ['anycast', {}],
  ['reflection', {}],
  ['rendezvous', {}],
  ['delay', { first: 2, second: 1, crashes: 1 }],
  ['registration', { capacity: 2, binds: 1, moves: 1 }],
]

const systemOf = (name: string, bounds: Bounds): System => {
  const model = must(models.find(one => one.name === name))
  return model.world(leastBounds(model, bounds)).system
}

/** The property without each of its assumptions in turn, and with each strong one only weak. */
const weakened = (property: Liveness): Liveness[] =>
  Object.entries(property.under ?? {}).flatMap(([family, fair]) => {
    const { [family]: _, ...rest } = property.under ?? {}
    const without = { ...property, id: `${property.id} without ${family}`, under: rest }
    const weaker = {
      ...property,
      id: `${property.id} weak ${family}`,
      under: { ...rest, [family]: 'weak' as const },
    }
    return fair === 'strong' ? [without, weaker] : [without]
  })

/** Assumptions that are needed only where the network holds two packets, a listener has more clients, or there are two controllers. */
const NEEDED_IN_LARGE_WORLDS: readonly string[] = [
  ...['23 without resolve', '24 without resolve', '38 without resolve'],
  ...[
    '41 weak expire',
    '41 weak timeout',
    '41 without resolve',
    '41 without unanswered',
    '41 without forward',
  ],
  ...['49 weak timeout', '49 without duplicate', '49 without lease ends'],
  ...['5 without forward', '5 without resolve', '6 weak expire', '7 weak timeout'],
]

test('every property holds, and needs each of its assumptions', SLOW, async () => {
  const tried = new Set<string>()
  const lassos = new Set<string>()
  for (const [name, bounds] of SMALL) {
    const system = systemOf(name, bounds)
    const weaker = system.liveness.flatMap(weakened)
    const all = [...system.liveness, ...weaker]
    const { violations } = await explore(
      { ...system, liveness: all },
      { invariants: all.map(({ id }) => id) },
    )
    for (const { id } of weaker) tried.add(id)
    for (const { id } of violations) lassos.add(id)
  }
  expect(liveness.filter(({ id }) => lassos.has(id))).toEqual([])
  expect([...tried].filter(id => !lassos.has(id)).sort()).toEqual(NEEDED_IN_LARGE_WORLDS.toSorted())
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

test('a livelock violates liveness, and recovers all the same', async () => {
  const { violations } = await explore(polite.system)
  expect(violations.map(({ id }) => id)).toEqual(['enters'])
})
