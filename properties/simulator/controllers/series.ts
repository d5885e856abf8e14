/** A series: runs of the service plane one after the other, from one seed on. */
import { MOST_SEED } from '../limits.ts'
import type { ShrinkOptions } from '../shrink.ts'
import { generatePlanePlan, type PlanePlanOptions } from './generate.ts'
import type { PlanePlan } from './plan.ts'
import { shrinkPlanePlan } from './shrink.ts'
import { type PlaneResult, simulatePlane } from './simulate.ts'

export interface PlaneSeriesOptions extends PlanePlanOptions {
  readonly runs: number
  /** Called after each run. */
  readonly progress?: (runs: number) => void
  /** Called after each run that shrinks a failing plan. */
  readonly shrinking?: ShrinkOptions['progress']
  readonly signal?: AbortSignal
}

/** The totals of all runs. */
export interface PlaneSeries extends Pick<PlaneResult, 'ms' | 'steps' | 'compared' | 'answers'> {
  readonly runs: number
  readonly failure?: PlaneFailure
}

/** The first run that broke something, made small. */
export interface PlaneFailure {
  readonly plan: PlanePlan
  readonly findings: PlaneResult['findings']
  /** Actions before shrinking. */
  readonly unshrunk: number
}

/** Simulates until a run breaks something. */
export async function runPlanes(options: PlaneSeriesOptions): Promise<PlaneSeries> {
  const { runs, signal, progress, shrinking } = options
  const sum = { runs: 0, ms: 0, steps: 0, compared: 0, answers: 0 }
  while (sum.runs < runs && !signal?.aborted) {
    const plan = generatePlanePlan({ ...options, seed: (options.seed + sum.runs) % (MOST_SEED + 1) })
    const { findings, ...result } = await simulatePlane(plan, true)
    sum.runs++
    for (const name of ['ms', 'steps', 'compared', 'answers'] as const) sum[name] += result[name]
    const [first] = findings
    if (first !== undefined) {
      const shrunk = await shrinkPlanePlan(plan, first.rule, { progress: shrinking, signal })
      const failure = { plan: shrunk, unshrunk: plan.actions.length }
      return { ...sum, failure: { ...failure, findings: (await simulatePlane(shrunk)).findings } }
    }
    progress?.(sum.runs)
  }
  return sum
}
