import type { Expr, Rule, System } from '../../spec/lower/ir.ts'
import { printStatements, printTruth, type Vocabulary } from '../../spec/lower/javascript.ts'
import type { Check } from './checks.ts'
import { CheckerError } from './errors.ts'
import type { Names } from './names.ts'
import { greatest, simplify } from './simplify.ts'
import { readsOf, usesOf } from './uses.ts'

/** How a rule is printed: what surrounds its body differs between exploring packed states and walking. */
export interface RuleSetting {
  readonly system: System
  readonly names: Names
  readonly checks: readonly Check[]
  /** The statement for coverage point `point`. */
  readonly cover: (point: number) => string
  /** The statement for finding check number `check`. */
  readonly hit: (check: number) => string
  /** The statement after a store to variable `index` of a value that may not fit its bits. */
  readonly overflow: (index: number) => string
}

/** A rule's body as JavaScript. Variables are `v<index>`, which whoever uses it declares and initialises. */
export interface RuleText {
  /** Variables that must be declared before, and those of them that are stored to. */
  readonly uses: ReadonlySet<number>
  readonly writes: ReadonlySet<number>
  readonly text: string
}

/** Prints what rule does once its guard holds: the body, and the step checks that it can possibly trip. */
export function printRule(setting: RuleSetting, rule: Rule): RuleText {
  const { names } = setting
  const used = usesOf(rule.body)
  const found = stepChecks(setting, used.writes)
  const checkReads = new Set(found.flatMap(({ expr }) => [...readsOf(expr)]))
  const writes = new Set<number>()
  const declared: string[] = []
  for (const name of used.writes) {
    const { kind, index } = names.meaning(name)
    if (kind === 'variable') writes.add(index)
    else declared.push(names.identifier(name))
  }
  for (const name of used.reads) {
    if (names.meaning(name).kind === 'scratch' && !used.writes.has(name))
      declared.push(names.identifier(name))
  }
  const before = [...checkReads].filter(name => names.meaning(name).kind === 'was')
  const text = [
    ...declared.map(name => `  let ${name} = 0\n`),
    ...before.map(name => `  const ${names.identifier(name)} = v${names.meaning(name).index}\n`),
    printStatements(rule.body, vocabulary(setting, rule), '  '),
    ...found.map(({ check, expr }) => {
      const test = printTruth(expr, name => names.identifier(name))
      return `  if (${test}) ${setting.hit(check)}\n`
    }),
  ].join('')
  const uses = names.variables([...used.reads, ...checkReads])
  for (const index of writes) uses.add(index)
  return { uses, writes, text }
}

/** The step checks that remain to be evaluated after a rule that stores to `writes` only. */
function stepChecks({ system, names, checks }: RuleSetting, writes: ReadonlySet<string>) {
  const zero: Expr = { op: 'number', value: 0 }
  const known = (name: string): Expr | undefined => {
    const { kind, index } = names.meaning(name)
    if (kind === 'scratch' && !writes.has(name)) return zero
    const variable = system.variables[index]?.name
    if (kind === 'was' && !writes.has(variable!)) return { op: 'get', name: variable! }
    return undefined
  }
  return checks
    .map((check, number) => ({ check: number, ofStep: check.ofStep, expr: simplify(check.found, known) }))
    .filter(({ ofStep, expr }) => ofStep && !(expr.op === 'number' && expr.value === 0))
}

function vocabulary({ system, names, cover, overflow }: RuleSetting, rule: Rule): Vocabulary {
  const limit = (name: string) => {
    const { kind, index } = names.meaning(name)
    return kind === 'variable' ? 2 ** system.variables[index]!.bits - 1 : Number.POSITIVE_INFINITY
  }
  return {
    read: name => names.identifier(name),
    store: (name, value, from) => {
      const target = names.identifier(name)
      const fits = limit(name) === Number.POSITIVE_INFINITY || greatest(from, limit) <= limit(name)
      return fits ? `${target} = ${value}` : `${target} = ${value}; ${overflow(names.meaning(name).index)}`
    },
    cover,
    emit: effect => {
      throw new CheckerError(
        'CHK002',
        `system ${system.name}: rule ${rule.name} emits ${effect}; a closed world replaces every effect by its own statements`,
      )
    },
  }
}
