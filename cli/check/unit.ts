/** A unit of `serval check`: the search through one world. */
import * as t from 'io-ts'
import { explore, MAX_WORKERS, type Violation } from '../../checker/search/explore.ts'
import type { Progress } from '../../checker/search/search.ts'
import type { Threads } from '../../checker/search/threads.ts'
import { count, job, seconds, whole } from '../campaign/codecs.ts'
import { settingFor } from '../campaign/settings.ts'
import type { Watch } from '../campaign/watch.ts'

const invariants = t.union([t.literal('all'), t.array(t.string)])

/** How to explore each world. */
const effort = { workers: whole(1, MAX_WORKERS), memoryMb: whole(1) }

/** What one `serval check` does. */
export const checkRequest = t.type({
  kind: t.literal('check'),
  worlds: t.array(t.type({ job, invariants })),
  ...effort,
})
export type CheckRequest = t.TypeOf<typeof checkRequest>

export const checkUnit = t.type({ kind: t.literal('check'), job, invariants, ...effort })
export type CheckUnit = t.TypeOf<typeof checkUnit>

/** The result of a search, without what the world and the rules of the counterexample imply. */
export const checkReply = t.intersection([
  t.type({
    kind: t.literal('check'),
    verdict: t.keyof({ holds: null, violated: null, incomplete: null }),
    ...{ distinct: count, generated: count, depth: count, bytesPerState: seconds, seconds },
    coverage: t.array(count),
    /** Names of witnesses that were not seen. */
    unseen: t.array(t.string),
    /** Names of rules that were never taken. */
    idle: t.array(t.string),
    untried: t.array(t.string),
  }),
  t.partial({
    /** Why the search is incomplete, and a remedy. */
    reason: t.string,
    violation: t.intersection([
      t.type({
        id: t.string,
        kind: t.keyof({ invariant: null, deadlock: null, recovery: null, liveness: null }),
        rules: t.array(count),
      }),
      t.partial({ loop: count }),
    ]),
  }),
])
export type CheckReply = t.TypeOf<typeof checkReply>

export const checkUnits = ({ worlds, ...rest }: CheckRequest): CheckUnit[][] =>
  worlds.map(world => [{ ...world, ...rest }])

/** Explores a world until the first violation, in `threads` or else in threads of its own. Throws the errors of `settingFor` and `explore`. */
export async function takeCheckUnit(
  { job, ...effort }: CheckUnit,
  { signal, progress }: Watch<Progress>,
  threads?: Threads,
): Promise<CheckReply> {
  const { world } = settingFor(job.variant)
  const start = performance.now()
  const { violations, witnesses, reason, ...found } = await explore(world.system, {
    ...{ ...effort, stop: 'first', progress, now: () => performance.now() },
    ...(signal && { signal }),
    ...(threads && { threads }),
  })
  const remedy = signal?.aborted ? '' : '; give more with --memory, or smaller bounds with --bound'
  const [violation] = violations
  return {
    ...{ kind: 'check', ...found, coverage: [...found.coverage] },
    ...{ idle: [...found.idle], untried: [...found.untried] },
    ...(reason !== undefined && { reason: `${reason}${remedy}` }),
    unseen: witnesses.filter(({ depth }) => depth === null).map(({ name }) => name),
    seconds: (performance.now() - start) / 1000,
    ...(violation && { violation: partOf(violation) }),
  }
}

const partOf = ({ id, kind, rules, loop }: Violation): NonNullable<CheckReply['violation']> => ({
  ...{ id, kind, rules: [...rules] },
  ...(loop !== undefined && { loop }),
})
