import { bounded } from '../ir/bounded.ts'
import { evaluate, run, type Values } from '../ir/interpret.ts'
import type { Fairness, Liveness, Rule, System } from '../ir/ir.ts'
import { at, must } from '../text/at.ts'

/** A second opinion on liveness for tests: by definition, on all subsets of the strong assumptions. */

interface Step {
  readonly rule: number
  readonly to: number
}

interface World {
  readonly system: System
  readonly states: readonly Values[]
  readonly steps: readonly (readonly Step[])[]
}

/** Systems with more states or more strong assumptions than this take too long. */
export const LIMITS = { states: 220, strong: 6 }

/**
 * Returns, for each violated property, the length of the shortest way to a cycle that violates it. Returns
 * undefined for a system beyond {@link LIMITS}.
 */
export function naiveLiveness(given: System): Map<string, number> | undefined {
  const world = worldOf(bounded(given))
  if (world === undefined) return undefined
  const violated = new Map<string, number>()
  for (const property of world.system.liveness) {
    const ends = fairStates(world, property)
    if (ends === undefined) return undefined
    const distance = shortest(world, property, ends)
    if (distance !== undefined) violated.set(property.id, distance)
  }
  return violated
}

function worldOf(system: System): World | undefined {
  const names = system.variables.map(({ name }) => name)
  const states: Values[] = [Object.fromEntries(system.variables.map(one => [one.name, one.initial]))]
  const keys = new Map([[JSON.stringify(states[0]), 0]])
  const steps: Step[][] = []
  for (let state = 0; state < states.length; state++) {
    steps.push([])
    system.rules.forEach((rule, number) => {
      const next = after(system, rule, at(states, state), names)
      if (next === undefined) return
      const key = JSON.stringify(next)
      if (!keys.has(key)) keys.set(key, states.push(next) - 1)
      at(steps, state).push({ rule: number, to: must(keys.get(key)) })
    })
    if (states.length > LIMITS.states) return undefined
  }
  return { system, states, steps }
}

/** Returns the state after a rule; undefined if the rule is not enabled. */
export function after(
  system: System,
  rule: Rule,
  from: Values,
  names: readonly string[],
): Values | undefined {
  if (evaluate(rule.guard, from) === 0) return undefined
  const values: Record<string, number> = { ...from }
  for (const name of names) values[`was.${name}`] = must(from[name])
  for (const cell of system.scratch) values[cell] = 0
  run(
    rule.body,
    values,
    system.coverage.map(() => 0),
  )
  return Object.fromEntries(names.map(name => [name, must(values[name])]))
}

/** Returns the assumption about a step and what it is about: steps with the same name count together. */
export function assumption(
  property: Liveness,
  rule: Rule,
  from: Values,
): { readonly fair: Fairness; readonly name: string } | undefined {
  const family = at(rule.name.split('('), 0)
  const fair = property.under ? property.under[family] : rule.fair
  if (fair === undefined || fair === 'finite' || rule.each === undefined)
    return fair && { fair, name: rule.name }
  const each = evaluate(rule.each, from)
  return each === 0 ? undefined : { fair, name: `${family} ${fair} ${each}` }
}

/** Returns the states of all cycles that meet the assumptions and where the property does not hold. */
function fairStates({ system, states, steps }: World, property: Liveness): Set<number> | undefined {
  const isGoal = states.map(values => evaluate(property.goal, values) !== 0)
  const region = states.flatMap((_, state) => (property.kind === 'stays' || !isGoal[state] ? [state] : []))
  const assumed = (state: number, { rule }: Step) =>
    assumption(property, at(system.rules, rule), at(states, state))
  const enabled = states.map((_, state) =>
    at(steps, state).flatMap(step => {
      const made = assumed(state, step)
      return made && made.fair !== 'finite' ? [made] : []
    }),
  )
  const strong = [
    ...new Set(
      region.flatMap(state =>
        at(enabled, state)
          .filter(({ fair }) => fair === 'strong')
          .map(({ name }) => name),
      ),
    ),
  ]
  if (strong.length > LIMITS.strong) return undefined
  const found = new Set<number>()
  for (let never = 0; never < 2 ** strong.length; never++) {
    const isNever = (name: string) => ((never >> strong.indexOf(name)) & 1) === 1
    const kept = new Set(
      region.filter(
        state => !at(enabled, state).some(({ fair, name }) => fair === 'strong' && isNever(name)),
      ),
    )
    for (const cycle of componentsOf(kept, state =>
      at(steps, state).flatMap(step => (assumed(state, step)?.fair === 'finite' ? [] : [step.to])),
    )) {
      const taken = new Set(
        [...cycle].flatMap(state =>
          at(steps, state).flatMap(step => {
            const made = assumed(state, step)
            return made && made.fair !== 'finite' && cycle.has(step.to) ? [made.name] : []
          }),
        ),
      )
      const isFair = [...cycle].every(state =>
        at(enabled, state).every(
          ({ fair, name }) =>
            taken.has(name) ||
            (fair === 'weak' && [...cycle].some(other => !at(enabled, other).some(one => one.name === name))),
        ),
      )
      const isBad = property.kind === 'leads to' || [...cycle].some(state => !isGoal[state])
      if (isFair && isBad) for (const state of cycle) found.add(state)
    }
  }
  return found
}

/** Returns the strongly connected components of `kept`, by the definition. */
function componentsOf(kept: ReadonlySet<number>, next: (state: number) => readonly number[]): Set<number>[] {
  const reach = new Map(
    [...kept].map(state => {
      const seen = new Set([state])
      for (const one of seen) for (const to of next(one)) if (kept.has(to)) seen.add(to)
      return [state, seen]
    }),
  )
  return [...kept].map(
    state => new Set([...must(reach.get(state))].filter(other => must(reach.get(other)).has(state))),
  )
}

/** Returns the length of the shortest way to one of `ends` on which the property waits at the end. */
function shortest(
  { states, steps }: World,
  property: Liveness,
  ends: ReadonlySet<number>,
): number | undefined {
  const holds = (expr: Liveness['goal'], state: number) => evaluate(expr, at(states, state)) !== 0
  const waits = (state: number, before: boolean) =>
    !holds(property.goal, state) && (before || holds(property.when, state))
  const stays = property.kind === 'stays'
  const seen = new Map([[`0 ${!stays && waits(0, false)}`, { state: 0, waiting: waits(0, false), steps: 0 }]])
  for (const { state, waiting, steps: count } of seen.values()) {
    if (ends.has(state) && (stays || waiting)) return count
    for (const { to } of at(steps, state)) {
      const key = `${to} ${!stays && waits(to, waiting)}`
      if (!seen.has(key)) seen.set(key, { state: to, waiting: waits(to, waiting), steps: count + 1 })
    }
  }
  return undefined
}
