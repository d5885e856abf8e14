import { bounded } from '../ir/bounded.ts'
import { evaluate, type Values } from '../ir/interpret.ts'
import type { System } from '../ir/ir.ts'
import type { Violation } from '../search/explore.ts'
import { at, must } from '../text/at.ts'
import { after, assumption } from './naiveLiveness.ts'

/** Returns what is wrong with a lasso as a counterexample, in words; undefined if nothing is. */
export function faultOf(given: System, { id, rules, states, loop }: Violation): string | undefined {
  const system = bounded(given)
  const names = system.variables.map(({ name }) => name)
  const property = must(system.liveness.find(one => one.id === id))
  const begin = must(loop, 'the beginning of the cycle')
  const passed: Values[] = [Object.fromEntries(system.variables.map(one => [one.name, one.initial]))]
  for (const rule of rules) {
    const next = after(system, at(system.rules, rule), must(passed.at(-1)), names)
    if (next === undefined) return `${at(system.rules, rule).name} is not enabled`
    passed.push(next)
  }
  if (JSON.stringify(passed) !== JSON.stringify(states)) return 'the states are not those of the rules'
  if (JSON.stringify(passed.at(-1)) !== JSON.stringify(passed[begin])) return 'the cycle does not close'
  const goal = passed.map(values => evaluate(property.goal, values) !== 0)
  if (property.kind === 'stays' && goal.slice(begin).every(Boolean)) return 'the goal stays'
  if (property.kind === 'leads to') {
    const lastGoal = goal.lastIndexOf(true)
    if (lastGoal >= begin) return 'the goal is reached again and again'
    if (!passed.slice(lastGoal + 1).some(values => evaluate(property.when, values) !== 0))
      return 'nothing waits for the goal'
  }
  const cycle = passed.slice(begin)
  const assumed = cycle.map(values =>
    system.rules.flatMap(rule =>
      evaluate(rule.guard, values) === 0 ? [] : (assumption(property, rule, values) ?? []),
    ),
  )
  const taken = rules
    .slice(begin)
    .map((rule, i) => assumption(property, at(system.rules, rule), at(cycle, i)))
  if (taken.some(made => made?.fair === 'finite'))
    return 'the cycle takes a rule that is taken finitely often'
  for (const { fair, name } of assumed.flat()) {
    if (fair === 'finite' || taken.some(made => made?.name === name)) continue
    if (fair === 'strong') return `${name} is enabled again and again, and never taken`
    if (assumed.every(list => list.some(made => made.name === name)))
      return `${name} stays enabled, and is never taken`
  }
  return undefined
}
