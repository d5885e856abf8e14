import { CheckerError } from '../ir/errors.ts'
import { exposedReads } from '../ir/exposed.ts'
import type { Checked, Rule, System } from '../ir/ir.ts'
import { printTruth } from '../ir/print.ts'
import { statementsIn } from '../ir/statement.ts'
import { readsOf, usesOf } from '../ir/uses.ts'
import { printStatements, type Vocabulary } from './javascript.ts'
import type { Names } from './names.ts'
import { LONG, Outline } from './outline.ts'
import type { StepChecks } from './stepChecks.ts'

/** How to print a rule. The code around its body differs between exploring packed states and walking. */
export interface RuleSetting {
  readonly system: System
  readonly names: Names
  readonly checks: StepChecks
  /**
   * The prefix of the names of rules' functions, and the names that those functions have in scope for the
   * statements below.
   */
  readonly prefix: string
  readonly context: string
  /** Returns the statement that counts coverage point `point`. */
  readonly cover: (point: number) => string
  /** Returns the statement that reports check number `check`. */
  readonly hit: (check: number) => string
  /** Returns the expression for a checked value. */
  readonly check: (check: Checked, value: string) => string
}

/**
 * A rule's body as JavaScript. The code around it must load and store the variables where `variableAt` says.
 */
export interface RuleText {
  /** The variables that must be declared before the body, and those that it stores to. */
  readonly uses: ReadonlySet<number>
  readonly writes: ReadonlySet<number>
  readonly text: string
  /**
   * Whether variables are in an array, as `U[<index>]`, because the body is long. Otherwise they are declared
   * as `v<index>`.
   */
  readonly inArray: boolean
  /** The functions that parts of the body became. */
  readonly parts: string
}

/** Characters of the shortest statement. A body of many statements is long before anything is printed. */
const SHORTEST = '  v0 = 0\n'.length

/** Prints the body of a rule and the step checks that the rule can trip. The guard is not part of it. */
export function printRule(setting: RuleSetting, rule: Rule): RuleText {
  const { names, prefix, context, system, checks } = setting
  const used = usesOf(rule.body)
  const found = checks.of(rule)
  const checkReads = new Set(found.flatMap(({ expr }) => [...readsOf(expr)]))
  const uses = names.variables([...used.reads, ...used.writes, ...checkReads])
  const writes = names.variables(used.writes)
  const cells = [...new Set([...used.reads, ...used.writes])].filter(name => names.isCell(name))
  const exposed = new Set([...exposedReads(rule.body), ...checkReads])
  const remembered = [...checkReads].filter(name => names.meaning(name).kind === 'was')
  const print = (inArray: boolean, outline?: Outline) => {
    const at = (name: string) => (inArray ? names.place(name) : names.identifier(name))
    const remember = (name: string) =>
      `  const ${at(name)} = ${variableAt(inArray, names.meaning(name).index)}\n`
    return [
      ...cells.flatMap(name => {
        if (!inArray) return [`  let ${at(name)} = 0\n`]
        return exposed.has(name) ? [`  ${at(name)} = 0\n`] : []
      }),
      ...remembered.map(remember),
      printStatements(rule.body, { ...vocabulary(setting, rule, at), ...outline?.printing }, '  '),
      ...found.map(
        ({ check, expr }) =>
          `  if (${printTruth(expr, { read: at, check: setting.check })}) ${setting.hit(check)}\n`,
      ),
    ].join('')
  }
  const text = statementsIn(rule.body) * SHORTEST > LONG ? undefined : print(false)
  if (text !== undefined && text.length <= LONG) return { uses, writes, text, inArray: false, parts: '' }
  const outline = new Outline(`${prefix}${system.rules.indexOf(rule)}`, context)
  return { uses, writes, text: print(true, outline), inArray: true, parts: outline.parts }
}

/** Returns where a rule's text keeps variable `index`. */
export function variableAt(inArray: boolean, index: number): string {
  return inArray ? `U[${index}]` : `v${index}`
}

/** Throws CHK002: a closed world has no effects. */
export function rejectEffect(system: System, rule: Rule, effect: string): never {
  throw new CheckerError(
    'CHK002',
    `system ${system.name}: rule ${rule.name} emits ${effect}; a closed world replaces every effect by its own statements`,
  )
}

function vocabulary(
  { system, cover, check }: RuleSetting,
  rule: Rule,
  at: (name: string) => string,
): Vocabulary {
  return {
    read: at,
    check,
    store: (name, value) => `${at(name)} = ${value}`,
    cover,
    emit: effect => rejectEffect(system, rule, effect),
  }
}
