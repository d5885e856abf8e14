/** Runs of the service plane in virtual time. `planes.long.ts` makes thousands. */
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../../checker/testing/limits.ts'
import { encodePlan } from '../encode.ts'
import { parsePlan } from '../planFile.ts'
import { planePlanOf } from './decode.ts'
import { planeDefects } from './defects.ts'
import { generatePlanePlan } from './generate.ts'
import type { PlaneAction, PlanePlan } from './plan.ts'
import { shrinkPlanePlan } from './shrink.ts'
import { simulatePlane } from './simulate.ts'

const quiet: PlanePlan = {
  ...{
    format: 1,
    kind: 'plane',
    seed: 1,
    registry: 'nats',
    controllers: 2,
    routers: 1,
    hosts: 2,
    services: 1,
  },
  ...{ latencyMs: 5, loss: 0, calmMs: 140_000, actions: [] },
}

/** A plan with these actions, and time for everybody to agree afterwards. */
const withActions = (...actions: PlaneAction[]): PlanePlan => ({ ...quiet, actions })

test('the same plan gives the same run', SLOW, async () => {
  const plan = generatePlanePlan({ seed: 5 })
  const first = await simulatePlane(plan)
  expect(await simulatePlane(plan)).toEqual(first)
  expect(first).toMatchObject({ verdict: 'holds' })
  expect(first.compared).toBeGreaterThan(0)
  expect(first.answers).toBeGreaterThan(0)
})

test(
  'a registry that loses its data during an outage gets everything back from the controllers',
  SLOW,
  async () => {
    const plan = withActions(
      { atMs: 6000, do: 'rule', index: 0, controller: 0, weight: 3 },
      { atMs: 10_000, do: 'outage', forMs: 40_000, keepsData: false },
    )
    expect((await simulatePlane(plan)).findings).toEqual([])
  },
)

test('controllers follow their registry again after its watches have ended', SLOW, async () => {
  const plan = withActions(
    { atMs: 6000, do: 'endWatches' },
    { atMs: 20_000, do: 'weigh', index: 0, weight: 4 },
  )
  expect((await simulatePlane(plan)).findings).toEqual([])
})

test(
  'controllers whose hosts renew their leases notice the end of an election, so that no lease ends',
  SLOW,
  async () => {
    const plan: PlanePlan = {
      ...{ ...quiet, seed: 115, routers: 2, hosts: 3, latencyMs: 1, calmMs: 273_928 },
      actions: [
        { atMs: 5395, do: 'weigh', index: 0, weight: 4 },
        { atMs: 57_121, do: 'election', forMs: 17_128 },
        { atMs: 59_989, do: 'start', role: 'host', index: 1, keepsFiles: true },
        { atMs: 123_928, do: 'stop', role: 'host', index: 2, forMs: 12_935 },
      ],
    }
    expect((await simulatePlane(plan)).findings).toEqual([])
  },
)

test(
  'an evicted instance stays out while its host moves and a controller starts again, and returns',
  SLOW,
  async () => {
    const plan = withActions(
      { atMs: 60_000, do: 'evict', index: 0, controller: 1 },
      { atMs: 62_000, do: 'move', index: 0 },
      { atMs: 63_000, do: 'kill', role: 'controller', index: 0 },
      { atMs: 64_000, do: 'start', role: 'controller', index: 0, keepsFiles: true },
      { atMs: 170_000, do: 'admit', index: 0, controller: 0 },
    )
    expect((await simulatePlane({ ...plan, calmMs: 300_000 })).findings).toEqual([])
  },
)

describe('a run finds', () => {
  /** Plans that show the defects; `planes.long.ts` finds each in plans that are drawn. */
  const shown: Readonly<Record<string, PlaneAction>> = {
    P1: { atMs: 6000, do: 'weigh', index: 0, weight: 2 },
    P2: { atMs: 6000, do: 'move', index: 0 },
    P3: { atMs: 6000, do: 'stop', role: 'controller', index: 0, forMs: 20_000 },
    P4: { atMs: 6000, do: 'move', index: 0 },
    P5: { atMs: 60_000, do: 'election', forMs: 45_000 },
    P7: { atMs: 60_000, do: 'evict', index: 0, controller: 0 },
    P6: { atMs: 6000, do: 'weigh', index: 0, weight: 2 },
  }

  test.for(planeDefects)('$id: $sentence', SLOW, async ({ id, breaks }) => {
    const action = shown[id] as PlaneAction
    const { findings } = await simulatePlane({ ...withActions(action), calmMs: 220_000, defect: id }, true)
    expect(breaks).toContain(findings[0]?.rule)
  })
})

test('a plan shrinks to the action and the members that matter', SLOW, async () => {
  const plan: PlanePlan = {
    ...withActions({ atMs: 6000, do: 'move', index: 0 }, { atMs: 7000, do: 'weigh', index: 1, weight: 2 }),
    ...{ loss: 0.01, defect: 'P4' },
  }
  const progress: (readonly [runs: number, actions: number])[] = []
  const shrunk = await shrinkPlanePlan(plan, 'met', { progress: (...each) => progress.push(each) })
  expect(shrunk).toEqual({
    ...{ ...plan, actions: plan.actions.slice(0, 1), breaks: 'met' },
    ...{ loss: 0, routers: 1, controllers: 1, hosts: 1 },
  })
  expect(progress.at(-1)).toEqual([progress.length, 1])
})

test('every generated plan decodes to itself', () => {
  for (let seed = 0; seed < 200; seed++) {
    const plan = generatePlanePlan({ seed })
    expect(planePlanOf(parsePlan(encodePlan(plan)))).toEqual(plan)
  }
})

test.for([
  [{ format: 99 }, 'PLAN_VERSION'],
  [{ kind: 'plain' }, 'PLAN_SHAPE'],
  [{ hosts: 0 }, 'PLAN_RANGE'],
  [{ defect: 'P99' }, 'PLAN_NAME'],
  [{ actions: [{ atMs: 0, do: 'move', index: 7 }] }, 'PLAN_NAME'],
  [{ registry: 'embedded' }, 'PLAN_RANGE'],
] as const)('a plan with %o is rejected', ([change, code]) => {
  expect(() => planePlanOf({ ...quiet, ...change })).toThrow(expect.objectContaining({ code }))
})
