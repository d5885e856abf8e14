import { describe, expect, test, vi } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { at, must } from '../../checker/text/at.ts'
import { DatagramTransport } from '../../impl/transport/datagram.ts'
import { decodePlan } from './decode.ts'
import { stackDefects } from './defects.ts'
import { encodePlan } from './encode.ts'
import { FAULT_LEVELS, type FaultLevel } from './faults/levels.ts'
import { generatePlan } from './generate.ts'
import type { Plan } from './plan.ts'
import { runSeries } from './series.ts'
import { simulate } from './simulate.ts'

/** Small runs, in which little hides behind something else, are most. `series.long.ts` has a hundred times as many. */
const SERIES: readonly {
  /** Default 1. Others begin where most flows are judged to their end. */
  readonly seed?: number
  readonly runs: number
  readonly hosts: number
  readonly routers?: number
  readonly instances?: number
  readonly faults: FaultLevel
  readonly flows?: boolean
}[] = [
  { runs: 10, hosts: 2, faults: 'none' },
  { seed: 11, runs: 20, hosts: 2, faults: 'mild' },
  { runs: 30, hosts: 2, faults: 'harsh' },
  { seed: 9, runs: 12, hosts: 4, faults: 'harsh' },
  { seed: 16, runs: 15, hosts: 2, faults: 'narrow' },
  { runs: 12, hosts: 2, faults: 'one-way' },
  { seed: 16, runs: 15, hosts: 2, faults: 'queues' },
  { runs: 25, hosts: 2, faults: 'clocks' },
  { runs: 15, hosts: 2, faults: 'nat' },
  { runs: 10, hosts: 2, faults: 'all' },
  { seed: 9, runs: 12, hosts: 2, faults: 'mild', flows: true },
  { runs: 2, hosts: 16, faults: 'mild' },
  { runs: 1, hosts: 32, routers: 4, instances: 6, faults: 'mild' },
  { runs: 10, hosts: 3, routers: 1, faults: 'none' },
  { runs: 15, hosts: 3, routers: 1, faults: 'harsh' },
  { seed: 151, runs: 12, hosts: 4, routers: 2, instances: 3, faults: 'harsh' },
  { runs: 12, hosts: 4, instances: 3, faults: 'harsh' },
]

describe('whole stacks', SLOW, () => {
  test.each(SERIES)('violate no property in $runs runs of $hosts hosts, faults: $faults', async ({
    ...of
  }) => {
    const { failure, ...done } = await runSeries({ seed: 1, ...of })
    expect(failure?.simulation.findings).toBeUndefined()
    expect(done.runs).toBe(of.runs)
    if (of.routers !== undefined) {
      expect(done.forwarded / done.flows).toBeGreaterThan(0.9 * of.routers)
      expect(done.relayed / done.runs).toBeGreaterThan(0.3)
    }
    // What is excused is not judged to its end: most must not be.
    expect(done.excused / done.flows).toBeLessThan(0.5)
    expect(done.heard / done.flows).toBeGreaterThan(1000)
  })

  test('take most transitions that a host takes for a packet, a timer or an act', async () => {
    const { missed } = await runSeries({ seed: 50_000, runs: 400, hosts: 3, faults: 'harsh' })
    // A listening socket, what is gone, and what data may do are decided without an observer.
    const unseen = /^connection\.(INIT LISTEN|LISTEN|CLOSED|\w+ SEND)/
    expect(missed.filter(id => !unseen.test(id)).length).toBeLessThan(40)
  })

  test('repeat a plan to the byte, and differ for another seed', () => {
    for (let seed = 0; seed < 6; seed++) {
      const plan = generatePlan({
        seed,
        hosts: 3,
        routers: seed % 3,
        instances: 1 + (seed % 2),
        faults: at(FAULT_LEVELS, seed % FAULT_LEVELS.length),
      })
      const [once, again, other] = [simulate(plan), simulate(plan), simulate({ ...plan, seed: seed + 1 })]
      expect(again).toEqual(once)
      expect(other.digest).not.toBe(once.digest)
    }
  })
})

/** Seeds shortly before the first one that shows a defect. `series.long.ts` begins with seed 1. */
const BEGINS: Readonly<Record<string, number>> = {
  ...{
    T1: 20,
    T4: 13,
    T6: 20,
    T8: 20,
    T11: 6,
    T12: 30,
    T13: 15,
    T14: 70,
    T15: 205,
    T16: 35,
    T17: 10,
    T19: 12,
    T20: 215,
  },
}

describe('the simulator', SLOW, () => {
  test.each(stackDefects)('finds $id: $sentence', async ({ id, breaks, shownBy = { hosts: 2 } }) => {
    const seed = BEGINS[id] ?? 1
    const { failure } = await runSeries({ seed, runs: 300, faults: 'mild', defect: id, ...shownBy })
    const { plan, simulation, unshrunk } = must(failure)
    expect(breaks).toContain(at(simulation.findings, 0).rule)
    expect(plan.actions.length).toBeLessThanOrEqual(Math.min(4, unshrunk))
    const again = decodePlan(encodePlan(plan))
    expect(simulate(again)).toEqual(simulation)
    const { defect: _, ...sound } = again
    expect(simulate(sound).findings).toEqual([])
  })

  test.each(
    stackDefects.filter(({ shownBy }) => shownBy?.faults !== undefined),
  )('misses $id where its fault does not happen', async ({ id, shownBy }) => {
    // `series.long.ts` makes 1,000 runs of each.
    const { failure, runs } = await runSeries({
      seed: 1,
      runs: 30,
      ...must(shownBy),
      ...{ faults: 'mild', flows: false },
      defect: id,
    })
    expect([failure?.simulation.findings, runs]).toEqual([undefined, 30])
  })
})

/** One flow from host 0 to host 1, both with two addresses, on a good network. */
const quiet: Plan = {
  ...{ format: 1, seed: 1, hosts: 2, addresses: 2, latencyMs: 10, tries: 15, calmMs: 10_000 },
  faults: { loss: 0, duplication: 0, corruption: 0, reordering: 0, reorderMs: 0, jitterMs: 0 },
  actions: [
    { atMs: 0, do: 'connect', flow: 0, host: 0, from: 0, to: 1, via: 0, protocol: 'stream' },
    { atMs: 100, do: 'write', flow: 0, end: 'client', bytes: 50_000 },
    { atMs: 100, do: 'write', flow: 0, end: 'server', bytes: 70_000 },
  ],
}

describe('a plan', () => {
  const withActions = (...actions: Plan['actions']): Plan => ({
    ...quiet,
    actions: [...quiet.actions, ...actions],
  })

  test('delivers every byte, and needs no excuse', () => {
    expect(simulate(quiet)).toMatchObject({ verdict: 'holds', flows: 1, excused: 0, heard: 120_000 })
  })

  test('holds when both ends move at once and their old addresses vanish for a while', () => {
    const plan = withActions(
      { atMs: 120, do: 'move', flow: 0, end: 'client', address: 1 },
      { atMs: 120, do: 'move', flow: 0, end: 'server', address: 1 },
      { atMs: 121, do: 'vanish', host: 0, address: 0, follow: false },
      { atMs: 121, do: 'vanish', host: 1, address: 0, follow: false },
    )
    expect(simulate(plan)).toMatchObject({ verdict: 'holds', excused: 0, heard: 120_000 })
  })

  test('delivers every message once, over several flows that each carry all', () => {
    const plan: Plan = {
      ...quiet,
      flows: true,
      actions: quiet.actions.map(action =>
        action.do === 'connect'
          ? { ...action, protocol: 'datagram', flows: 'all', scheduler: 'redundant' }
          : action,
      ),
    }
    expect(simulate(plan)).toMatchObject({ verdict: 'holds', excused: 0, heard: 120_000 })
    expect(simulate({ ...plan, defect: 'T20' }).findings[0]).toMatchObject({ rule: 'bytes' })
    const deliver = vi.spyOn(DatagramTransport.prototype, 'deliver')
    deliver.mockImplementationOnce(() => {})
    expect(simulate(plan).findings[0]).toMatchObject({ rule: 'progress' })
    deliver.mockRestore()
  })

  test('closes a flow whose ends the applications read late', () => {
    const actions: Plan['actions'] = [
      at(quiet.actions, 0),
      ...(['client', 'server'] as const).flatMap((end): Plan['actions'] => [
        { atMs: 100, do: 'pause', flow: 0, end },
        { atMs: 100, do: 'write', flow: 0, end, bytes: 20_000 },
        { atMs: 100, do: 'finish', flow: 0, end },
      ]),
    ]
    expect(simulate({ ...quiet, actions })).toMatchObject({ verdict: 'holds', excused: 0, heard: 40_000 })
  })

  test('holds when a host crashes: delivered bytes are correct, and the other end closes', () => {
    for (const keepsSecret of [true, false]) {
      const plan = withActions(
        { atMs: 140, do: 'crash', host: 1, keepsSecret },
        { atMs: 500, do: 'restart', host: 1 },
      )
      const { verdict, excused, heard } = simulate(plan)
      expect([verdict, excused]).toEqual(['holds', 1])
      expect(heard).toBeLessThan(120_000)
    }
  })

  test('skips actions that are impossible', () => {
    const plan = withActions(
      { atMs: 200, do: 'finish', flow: 0, end: 'client' },
      { atMs: 201, do: 'write', flow: 0, end: 'client', bytes: 9 },
      { atMs: 202, do: 'move', flow: 0, end: 'client', address: 0 },
      { atMs: 203, do: 'restart', host: 0 },
      { atMs: 204, do: 'return', host: 0, address: 0 },
    )
    expect(simulate(plan)).toMatchObject({ verdict: 'holds', heard: 120_000 })
  })

  test('with an unknown defect is rejected', () => {
    expect(() => simulate({ ...quiet, defect: 'T99' })).toThrow(/^PLAN_NAME: .*T99.*T1, T2/)
  })
})
