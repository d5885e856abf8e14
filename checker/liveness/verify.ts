import { evaluate, type Values } from '../ir/interpret.ts'
import type { Fairness, Liveness, Rule, System } from '../ir/ir.ts'
import { familyOf } from '../ir/rules.ts'
import { at } from '../text/at.ts'
import { fairnessOf } from './classes.ts'

/** An endless run: the states that `rules` pass, one more than rules. The rules from `loop` on are repeated forever. */
export interface Run {
  readonly states: readonly Values[]
  readonly rules: readonly number[]
  readonly loop: number
}

/**
 * Returns why a run does not violate a liveness property, in words; undefined if it does. If no rule follows
 * `loop`, the run stops in its last state.
 */
export function whyNotViolated(system: System, property: Liveness, run: Run): string | undefined {
  const { states, loop } = run
  const names = system.variables.map(({ name }) => name)
  const [begin, end] = [at(states, loop), at(states, states.length - 1)]
  if (names.some(name => begin[name] !== end[name]))
    return 'the last step does not lead back to where the cycle begins'
  return whyGoalComes(property, run) ?? whyUnfair(system, property, run)
}

function whyGoalComes({ kind, when, goal }: Liveness, { states, loop }: Run): string | undefined {
  const isGoal = states.map(values => evaluate(goal, values) !== 0)
  if (kind === 'stays')
    return isGoal.slice(loop).every(Boolean) ? 'the goal holds in the whole cycle' : undefined
  const last = isGoal.lastIndexOf(true)
  if (last >= loop) return 'the goal holds somewhere in the cycle'
  const isDue = states.slice(last + 1).some(values => evaluate(when, values) !== 0)
  return isDue ? undefined : 'nothing waits for the goal'
}

/** The assumption of a property about a step. Steps of the same name count as one. */
interface Assumption {
  readonly fair: Fairness
  readonly name: string
}

function whyUnfair(system: System, property: Liveness, { states, rules, loop }: Run): string | undefined {
  const cycle = states.slice(loop)
  const enabled = cycle.map(values =>
    system.rules.flatMap(rule =>
      evaluate(rule.guard, values) === 0 ? [] : (assumptionOf(property, rule, values) ?? []),
    ),
  )
  const taken = rules.slice(loop).map((rule, index) => {
    return assumptionOf(property, at(system.rules, rule), at(cycle, index))
  })
  const ended = taken.find(step => step?.fair === 'finite')
  if (ended) return `the cycle takes ${ended.name}, which is assumed to be taken finitely often`
  for (const { fair, name } of enabled.flat()) {
    if (fair === 'finite' || taken.some(step => step?.name === name)) continue
    if (fair === 'strong') return `${name} is enabled in the cycle, and it is assumed to be taken in the end`
    if (enabled.every(list => list.some(step => step.name === name)))
      return `${name} stays enabled in the cycle, and it is assumed to be taken in the end`
  }
  return undefined
}

function assumptionOf(property: Liveness, rule: Rule, values: Values): Assumption | undefined {
  const fair = fairnessOf(property, rule)
  if (fair === undefined) return undefined
  if (fair === 'finite' || rule.each === undefined) return { fair, name: rule.name }
  const each = evaluate(rule.each, values)
  return each === 0 ? undefined : { fair, name: `${familyOf(rule)} of ${each}` }
}
