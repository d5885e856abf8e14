/** Finds names that mean two things, of which one would silently win. */

import type { Fairness, RuleKind, System } from './ir.ts'
import { familyOf } from './rules.ts'

const KINDS: readonly RuleKind[] = ['protocol', 'environment', 'fault']

const FAIRNESS: readonly Fairness[] = ['weak', 'strong', 'finite']

/** Ids that the checker uses itself. */
const RESERVED = ['deadlock']

/** Returns the first name that occurs twice. */
const twice = (names: readonly string[]): string | undefined =>
  names.find((name, index) => names.indexOf(name) !== index)

const repeated = (names: readonly string[]): string | undefined =>
  new Set(names).size === names.length ? undefined : twice(names)

/** Returns a sentence that describes an assumption which no rule or no run can meet. */
function unfairIn({ rules, liveness }: System): string | undefined {
  const families = new Set(rules.map(familyOf))
  for (const { fair, name } of rules)
    if (fair !== undefined && !FAIRNESS.includes(fair))
      return `the rule '${name}' is fair in the way '${fair}'; there are ${FAIRNESS.join(', ')}`
  // Steps of a family with the same value of its rules' each count as one, so an assumption is about all of its rules.
  const first = new Map(rules.toReversed().map(rule => [familyOf(rule), rule]))
  for (const rule of rules) {
    const other = first.get(familyOf(rule)) ?? rule
    if (other.fair !== rule.fair)
      return `the rules '${other.name}' and '${rule.name}' of one family differ in 'fair'; give both the same`
  }
  for (const { id, under = {} } of liveness)
    for (const [family, fair] of Object.entries(under)) {
      if (!families.has(family))
        return `the liveness property '${id}' assumes something of '${family}', which no rule is called; there are ${[...families].join(', ')}`
      if (!FAIRNESS.includes(fair))
        return `the liveness property '${id}' assumes '${fair}' of '${family}'; there are ${FAIRNESS.join(', ')}`
    }
  return undefined
}

/** Returns a sentence that describes a clash of names in a system; undefined if there is none. */
export function clashIn(system: System): string | undefined {
  const { variables, scratch, rules, invariants, recoveries, liveness, witnesses, coverage } = system
  const names = variables.map(({ name }) => name)
  const lists: readonly (readonly [what: string, names: readonly string[]])[] = [
    ['variables are called', [...names, ...scratch]],
    ['rules are called', rules.map(({ name }) => name)],
    // An invariant and a recovery may share an id: one statement may say what must never happen and what can
    // always be reached.
    ['invariants have the id', invariants.map(({ id }) => id)],
    ['recoveries have the id', recoveries.map(({ id }) => id)],
    ['liveness properties have the id', liveness.map(({ id }) => id)],
    ['witnesses are called', witnesses.map(({ name }) => name)],
    ['transitions are called', coverage],
  ]
  for (const [what, list] of lists) {
    const name = repeated(list)
    if (name !== undefined) return `two ${what} '${name}'; give one another name`
  }
  const hidden = names.find(name => name.startsWith('was.') || name.includes('#'))
  if (hidden !== undefined)
    return `the variable '${hidden}' has a name that means something else; leave out 'was' and '#'`
  const reserved = [...invariants, ...recoveries, ...liveness].find(({ id }) => RESERVED.includes(id))
  if (reserved) return `the id '${reserved.id}' is the checker's own; choose another`
  const unkind = rules.find(({ kind }) => !KINDS.includes(kind))
  if (unkind)
    return `the rule '${unkind.name}' is of the kind '${unkind.kind}'; there are ${KINDS.join(', ')}`
  return unfairIn(system)
}
