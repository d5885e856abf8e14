/** Makes a plan of the service plane that breaks a rule small, so that a person can read it. */
import { ddmin } from '../ddmin.ts'
import { accepts } from '../planFile.ts'
import type { ShrinkOptions } from '../shrink.ts'
import { planePlanOf } from './decode.ts'
import type { PlanePlan } from './plan.ts'
import type { PlaneRule } from './rules.ts'
import { simulatePlane } from './simulate.ts'

/** Smaller worlds, each tried after the ones before it. */
const EDITS = [
  ['loss', 0],
  ['services', 1],
  ['routers', 1],
  ['controllers', 1],
  ['hosts', 1],
  ['hosts', 2],
] as const

/** Resolves to a plan with fewer actions and members that still breaks `rule` before any other. */
export async function shrinkPlanePlan(
  plan: PlanePlan,
  rule: PlaneRule,
  { progress, signal }: ShrinkOptions = {},
): Promise<PlanePlan> {
  let runs = 0
  let best = plan
  const attempt = async (candidate: PlanePlan): Promise<boolean> => {
    if (signal?.aborted || !accepts(() => planePlanOf(candidate))) return false
    const { findings } = await simulatePlane(candidate, true)
    const isBroken = findings[0]?.rule === rule
    if (isBroken) best = candidate
    progress?.(++runs, best.actions.length)
    return isBroken
  }
  await ddmin(plan.actions, async part =>
    (await attempt({ ...plan, actions: [...part] })) ? part : undefined,
  )
  for (const [name, least] of EDITS) if (best[name] > least) await attempt({ ...best, [name]: least })
  return { ...best, breaks: rule }
}
