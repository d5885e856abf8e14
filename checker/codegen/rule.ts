import { CheckerError } from '../ir/errors.ts'
import { exposedReads } from '../ir/exposed.ts'
import type { Checked, Rule, System } from '../ir/ir.ts'
import { printTruth } from '../ir/print.ts'
import { readsOf, usesOf } from '../ir/uses.ts'
import { printStatements, type Vocabulary } from './javascript.ts'
import type { Names } from './names.ts'
import { LONG, Outline } from './outline.ts'
import type { StepChecks } from './stepChecks.ts'

/** How a rule is printed: what surrounds its body differs between exploring packed states and walking. */
export interface RuleSetting {
  readonly system: System
  readonly names: Names
  readonly checks: StepChecks
  /** What rules' functions are called, before their number, and what they have in scope for the statements below. */
  readonly prefix: string
  readonly context: string
  /** The statement for coverage point `point`. */
  readonly cover: (point: number) => string
  /** The statement for finding check number `check`. */
  readonly hit: (check: number) => string
  /** The expression for a checked value. */
  readonly check: (check: Checked, value: string) => string
}

/** A rule's body as JavaScript. Whoever uses it puts the values of variables where `variable` says. */
export interface RuleText {
  /** Variables that must be declared before, and those of them that are stored to. */
  readonly uses: ReadonlySet<number>
  readonly writes: ReadonlySet<number>
  readonly text: string
  /** Where variables are: in an array, as `U[<index>]`, if the body is long; else to be declared as `v<index>`. */
  readonly inArray: boolean
  /** Functions that parts of the body have become. */
  readonly parts: string
}

/** Prints what rule does once its guard holds: the body, and the step checks that it can possibly trip. */
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
  const text = print(false)
  if (text.length <= LONG) return { uses, writes, text, inArray: false, parts: '' }
  const outline = new Outline(`${prefix}${system.rules.indexOf(rule)}`, context)
  return { uses, writes, text: print(true, outline), inArray: true, parts: outline.parts }
}

/** Where a rule's text has variable `index`. */
export function variableAt(inArray: boolean, index: number): string {
  return inArray ? `U[${index}]` : `v${index}`
}

/** Throws CHK002: a closed world has no effects. */
export function refuseEffect(system: System, rule: Rule, effect: string): never {
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
    emit: effect => refuseEffect(system, rule, effect),
  }
}
