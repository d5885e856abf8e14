import { type Fuzzing, fuzz } from '../../checker/fuzz/fuzz.ts'
import type { Trace } from '../../checker/trace/format.ts'
import { recordTrace } from '../../checker/trace/record.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { salWeighting } from '../../properties/weighting.ts'
import { catalogue, type SalSetting } from '../../traces/catalogue.ts'
import type { Job } from '../jobs.ts'

/** The amount of walking. */
export interface Effort {
  readonly runs: number
  readonly steps: number
  readonly seed: number
  readonly signal: AbortSignal
}

/** The result of the walks through a world. */
export interface Fuzzed {
  readonly job: Job
  readonly setting: SalSetting
  readonly fuzzing: Fuzzing
  /** `incomplete` if fewer walks were taken than requested. `holds` proves only that these walks violate nothing. */
  readonly verdict: 'holds' | 'violated' | 'incomplete'
  readonly seconds: number
  readonly coverage: {
    readonly states: number
    readonly transitions: number
    readonly missed: readonly string[]
  }
  /** The counterexample, shrunk. */
  readonly trace?: Trace
}

/** Walks through a world until a property is violated. Throws the errors of `fuzz`. */
export async function fuzzJob(
  job: Job,
  effort: Effort,
  progress: (walked: { readonly runs: number; readonly steps: number }) => void,
): Promise<Fuzzed> {
  const setting = settingOf(job.variant, catalogue)
  const start = performance.now()
  const fuzzing = await fuzz(setting.world, { ...effort, weighting: salWeighting, progress })
  const seconds = (performance.now() - start) / 1000
  const { violation, coverage } = fuzzing
  const seen = (counts: Readonly<Record<string, number>>) => Object.values(counts).filter(n => n > 0).length
  const cut = fuzzing.verdict === 'holds' && fuzzing.runs < effort.runs
  return {
    ...{ job, setting, fuzzing, seconds },
    verdict: cut ? 'incomplete' : fuzzing.verdict,
    coverage: {
      states: seen(coverage.states),
      transitions: seen(coverage.transitions),
      missed: coverage.missed,
    },
    ...(violation
      ? {
          trace: recordTrace(setting, violation.rules, {
            source: 'fuzz',
            seed: effort.seed,
            violation,
          }),
        }
      : {}),
  }
}
