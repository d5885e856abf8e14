/** A unit of `serval fuzz`: some batches of walks through one world. */
import * as t from 'io-ts'
import { countsOf } from '../../checker/fuzz/coverage.ts'
import { batchWalks, type FuzzProgress, fuzz } from '../../checker/fuzz/fuzz.ts'
import { MOST_SEED } from '../../properties/simulator/limits.ts'
import { salWeighting } from '../../properties/weighting.ts'
import { count, job, MOST_RUNS, seconds, whole } from '../campaign/codecs.ts'
import { settingFor } from '../campaign/settings.ts'
import { split } from '../campaign/split.ts'
import type { Watch } from '../campaign/watch.ts'

/** Longer walks cost more memory than they are worth. */
export const MAX_STEPS = 100_000

/** Batches of one unit: some ten seconds, many times what it takes to prepare the world. */
const UNIT_BATCHES = 16

/** What one `serval fuzz` does. */
export const fuzzRequest = t.type({
  kind: t.literal('fuzz'),
  jobs: t.array(job),
  seed: whole(0, MOST_SEED),
  /** Walks for each job. */
  runs: whole(1),
  steps: whole(1, MAX_STEPS),
})
export type FuzzRequest = t.TypeOf<typeof fuzzRequest>

export const fuzzUnit = t.type({
  kind: t.literal('fuzz'),
  job,
  seed: whole(0, MOST_SEED),
  firstBatch: count,
  runs: whole(1, MOST_RUNS),
  steps: whole(1, MAX_STEPS),
})
export type FuzzUnit = t.TypeOf<typeof fuzzUnit>

/** The result of a unit. It holds what a world does not imply: the coverage as counts, the counterexample as rules. */
export const fuzzReply = t.intersection([
  t.type({
    kind: t.literal('fuzz'),
    ...{ runs: count, steps: count, undecided: count, seconds, coverage: t.array(count) },
  }),
  t.partial({
    violation: t.type({
      id: t.string,
      kind: t.keyof({ invariant: null, deadlock: null, recovery: null }),
      rules: t.array(count),
      unshrunk: count,
    }),
  }),
])
export type FuzzReply = t.TypeOf<typeof fuzzReply>

/** Returns the units of each job. Together they take the walks that one long fuzzing takes. */
export const fuzzUnits = ({ jobs, runs, ...rest }: FuzzRequest): FuzzUnit[][] => {
  const batch = batchWalks(rest.steps)
  return jobs.map(job =>
    split(runs, batch * UNIT_BATCHES).map(({ first, count }) => ({
      ...{ ...rest, job, firstBatch: first / batch, runs: count },
    })),
  )
}

/** Takes the walks of a unit until one violates a property, which it shrinks. Throws the errors of `settingFor` and `fuzz`. */
export async function takeFuzzUnit(
  { job, ...effort }: FuzzUnit,
  { signal, progress }: Watch<FuzzProgress>,
): Promise<FuzzReply> {
  const start = performance.now()
  const { world } = settingFor(job.variant)
  const {
    verdict: _,
    coverage,
    violation,
    ...counts
  } = await fuzz(world, {
    ...{ ...effort, weighting: salWeighting, progress },
    ...(signal && { signal }),
  })
  return {
    ...{ kind: 'fuzz', ...counts, coverage: countsOf(coverage) },
    seconds: (performance.now() - start) / 1000,
    ...(violation && { violation: { ...violation, rules: [...violation.rules] } }),
  }
}
