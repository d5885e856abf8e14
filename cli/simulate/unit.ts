/** A unit of `serval simulate`: a series of runs with consecutive seeds. */
import * as t from 'io-ts'
import { FAULT_LEVELS, type FaultLevel } from '../../properties/simulator/faults/levels.ts'
import { MOST_HOSTS, MOST_ROUTERS, MOST_SEED } from '../../properties/simulator/limits.ts'
import { planCodec } from '../../properties/simulator/plan.ts'
import { runSeries, type Series } from '../../properties/simulator/series.ts'
import { count, MOST_RUNS, seconds, whole } from '../campaign/codecs.ts'
import { split } from '../campaign/split.ts'
import type { Watch } from '../campaign/watch.ts'

/** Runs of one unit, for each host: some seconds. */
const UNIT_RUNS = 512

const faults: t.Type<FaultLevel> = t.keyof(
  Object.fromEntries(FAULT_LEVELS.map(level => [level, null])) as Record<FaultLevel, null>,
)

/** The network of each run. */
const network = t.intersection([
  t.type({
    kind: t.literal('simulate'),
    hosts: whole(1, MOST_HOSTS),
    routers: whole(0, MOST_ROUTERS),
    instances: whole(1, MOST_HOSTS - 1),
    ...{ faults, seed: whole(0, MOST_SEED) },
  }),
  t.partial({ attacks: t.boolean, flows: t.boolean, defect: t.string }),
])

/** What one `serval simulate` does. */
export const simulateRequest = t.intersection([network, t.type({ runs: whole(1) })])
export type SimulateRequest = t.TypeOf<typeof simulateRequest>

export const simulateUnit = t.intersection([network, t.type({ runs: whole(1, MOST_RUNS) })])
export type SimulateUnit = t.TypeOf<typeof simulateUnit>

/** The totals of a series. The plan of its failure implies what it breaks. */
export const simulateReply = t.intersection([
  t.type({
    kind: t.literal('simulate'),
    ...{ runs: count, flows: count, excused: count, steps: count, packets: count },
    ...{ forwarded: count, relayed: count, heard: count, seconds },
    /** Names of the transitions that no run took. */
    missed: t.array(t.string),
  }),
  t.partial({ violation: t.type({ plan: planCodec, seed: count, unshrunk: count }) }),
])
export type SimulateReply = t.TypeOf<typeof simulateReply>

export const simulateUnits = ({ runs, seed, ...rest }: SimulateRequest): SimulateUnit[] =>
  split(runs, Math.ceil(UNIT_RUNS / rest.hosts)).map(({ first, count }) => ({
    ...{ ...rest, runs: count, seed: (seed + first) % (MOST_SEED + 1) },
  }))

/** The progress of a series, or of shrinking the plan of its failure. */
export type SimulateProgress =
  | Pick<Series, 'runs' | 'flows' | 'packets'>
  | { readonly shrinkRuns: number; readonly actions: number }

/** Simulates until a run fails, and shrinks its plan. Throws PLAN_NAME. */
export async function takeSimulateUnit(
  { kind, ...options }: SimulateUnit,
  { signal, progress }: Watch<SimulateProgress>,
): Promise<SimulateReply> {
  const start = performance.now()
  const {
    failure,
    transitions: _,
    allTransitions: __,
    missed,
    ...sums
  } = await runSeries({
    ...{ ...options, progress },
    shrinking: (shrinkRuns, actions) => progress({ shrinkRuns, actions }),
    ...(signal && { signal }),
  })
  return {
    ...{ kind, ...sums, missed: [...missed] },
    seconds: (performance.now() - start) / 1000,
    ...(failure && {
      violation: { plan: failure.plan, seed: failure.seed, unshrunk: failure.unshrunk },
    }),
  }
}
