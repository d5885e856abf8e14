import type { Checked } from './checkJob.ts'

/** One model of `serval check --json`. `trace` is the path of the counterexample's file. */
export function jsonOf(checked: Checked, trace: string | undefined): Record<string, unknown> {
  const { job, verdict, reason, exploration, seconds, workers, invariants, coverage, found } = checked
  const { distinct, generated, depth, bytesPerState } = exploration
  return {
    model: job.place.model,
    bounds: job.place.bounds,
    ...(job.place.defect === undefined ? {} : { defect: job.place.defect }),
    verdict,
    ...(reason === undefined ? {} : { reason }),
    ...{ distinct, generated, depth, seconds, workers, bytesPerState, invariants, coverage },
    ...(found
      ? { violation: { invariant: found.violation.id, steps: found.violation.rules.length, trace } }
      : {}),
  }
}
