import { violationOf } from '../counterexample.ts'
import type { Checked } from './merge.ts'

/** One model of `serval check --json`. `path` is that of the counterexample's file. */
export function jsonOf(checked: Checked, path: string | undefined): Record<string, unknown> {
  const { job, setting, verdict, reason, found, workers, invariants, coverage, trace, idle } = checked
  const { distinct, generated, depth, seconds, bytesPerState, untried } = found
  return {
    model: job.variant.model,
    bounds: job.variant.bounds,
    ...(job.variant.defect === undefined ? {} : { defect: job.variant.defect }),
    verdict,
    ...(reason === undefined ? {} : { reason }),
    ...{ distinct, generated, depth, seconds, workers, bytesPerState, invariants, coverage, idle, untried },
    ...(trace ? { violation: { ...violationOf(trace, setting.model), trace: path } } : {}),
  }
}
