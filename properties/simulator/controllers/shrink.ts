/** Makes a plan of the service plane that breaks a rule small, so that a person can read it. */
import { ddmin } from '../ddmin.ts'
import type { PlaneRule } from './findings.ts'
import type { PlanePlan } from './plan.ts'
import { simulatePlane } from './simulate.ts'

/** Resolves to a plan with fewer actions that still breaks `rule` before any other. An aborted `signal` ends it early. */
export async function shrinkPlanePlan(
  plan: PlanePlan,
  rule: PlaneRule,
  signal?: AbortSignal,
): Promise<PlanePlan> {
  const breaks = async (candidate: PlanePlan): Promise<boolean> => {
    if (signal?.aborted) return false
    const { findings } = await simulatePlane(candidate, true)
    return findings[0]?.rule === rule
  }
  const actions = await ddmin(plan.actions, async part =>
    (await breaks({ ...plan, actions: [...part] })) ? part : undefined,
  )
  return { ...plan, actions: [...actions], breaks: rule }
}
