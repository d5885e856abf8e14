/** Plans of the service plane as text. */
import * as limits from '../limits.ts'
import { named, shapedPlan, unknown, within } from '../planFile.ts'
import { planeDefect, planeDefects } from './defects.ts'
import { PLANE_FORMAT, type PlaneAction, type PlanePlan, planePlanCodec } from './plan.ts'

/** Members of each role: every one of them knows all others. */
export const MOST_MEMBERS = 32
const MOST_SKEW_MS = limits.MOST_MS

/** True if a parsed plan is one of the service plane. */
export const isPlanePlan = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'kind' in json && json.kind === 'plane'

/** Checks a parsed plan. Throws PLAN_VERSION, PLAN_SHAPE, PLAN_RANGE and PLAN_NAME. */
export function planePlanOf(json: unknown): PlanePlan {
  const plan = shapedPlan(json, planePlanCodec, PLANE_FORMAT)
  for (const name of ['controllers', 'routers', 'hosts', 'services'] as const)
    within(name, plan[name], 1, MOST_MEMBERS)
  if (plan.registry === 'embedded') within('controllers', plan.controllers, 1, 1)
  within('seed', plan.seed, 0, limits.MOST_SEED)
  within('latencyMs', plan.latencyMs, 1, limits.MOST_LATENCY_MS)
  within('loss', plan.loss, 0, 1)
  within('calmMs', plan.calmMs, 0, limits.MOST_MS)
  within('the number of actions', plan.actions.length, 0, limits.MOST_ACTIONS)
  for (const [at, action] of plan.actions.entries()) assertAction(plan, action, `actions[${at}]`)
  if (plan.defect !== undefined && planeDefect(plan.defect) === undefined)
    throw unknown(
      `there is no defect '${plan.defect}'; there are ${planeDefects.map(({ id }) => id).join(', ')}`,
    )
  return plan
}

function assertAction(plan: PlanePlan, action: PlaneAction, where: string): void {
  within(`${where}.atMs`, action.atMs, 0, plan.calmMs)
  const counts = { controller: plan.controllers, router: plan.routers, host: plan.hosts }
  if ('index' in action)
    named(`${where}.index`, action.index, counts['role' in action ? action.role : 'host'])
  if ('controller' in action) named(`${where}.controller`, action.controller, plan.controllers)
  if ('forMs' in action) within(`${where}.forMs`, action.forMs, 0, limits.MOST_MS)
  if ('weight' in action) within(`${where}.weight`, action.weight, 0, limits.MOST_WEIGHT)
  if (action.do === 'skew') within(`${where}.ms`, action.ms, -MOST_SKEW_MS, MOST_SKEW_MS)
}
