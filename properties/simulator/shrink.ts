import fc from 'fast-check'
import type { RuleName } from './findings.ts'
import type { Plan, PlanFaults } from './plan.ts'
import { type Simulation, simulate } from './simulate.ts'

/** Runs that are spent on making one plan smaller. */
const MOST_RUNS = 400

/**
 * Leaves out of a plan what is not needed to break `rule`: actions first, as fast-check shrinks lists, then kinds of
 * faults. What cannot be done any more in a smaller plan is skipped, so anything can be left out.
 */
export function shrinkPlan(plan: Plan, rule: RuleName): Plan {
  let runs = 0
  const isBroken = (candidate: Plan): boolean => {
    if (!isWhole(candidate)) return false
    runs++
    return runs <= MOST_RUNS && breaks(simulate(candidate), rule)
  }
  let best = withFewerActions(plan, isBroken)
  best = withFewerFaults(best, isBroken)
  return { ...best, breaks: rule }
}

const breaks = ({ findings }: Simulation, rule: RuleName): boolean =>
  findings.some(finding => finding.rule === rule)

/** Nothing is done to a flow before it begins. */
function isWhole({ actions }: Plan): boolean {
  const begun = new Set<number>()
  return actions.every(action => {
    if (action.do === 'connect') begun.add(action.flow)
    return !('flow' in action) || begun.has(action.flow)
  })
}

function withFewerActions(plan: Plan, isBroken: (plan: Plan) => boolean): Plan {
  const { actions } = plan
  let best = plan
  const indexes = fc.array(fc.noShrink(fc.nat(Math.max(0, actions.length - 1))), {
    maxLength: actions.length,
  })
  const holds = (kept: readonly number[]): boolean => {
    const candidate = { ...plan, actions: kept.map(at => actions[at]!) }
    if (!isBroken(candidate)) return true
    if (candidate.actions.length < best.actions.length) best = candidate
    return false
  }
  fc.check(fc.property(indexes, holds), { numRuns: 1, examples: [[actions.map((_, at) => at)]] })
  return best
}

function withFewerFaults(plan: Plan, isBroken: (plan: Plan) => boolean): Plan {
  let best = plan
  for (const name of Object.keys(plan.faults) as (keyof PlanFaults)[]) {
    if (best.faults[name] === 0 || name === 'reorderMs') continue
    const candidate = { ...best, faults: { ...best.faults, [name]: 0 } }
    if (isBroken(candidate)) best = candidate
  }
  return best
}
