import { at, must } from '../text/at.ts'
import type { Expr, Rule, Stmt } from './ir.ts'
import { same } from './simplify.ts'
import { statementsIn } from './statement.ts'

/**
 * The name that a joined rule reads to learn which rule it stands for: the number of that rule. No body stores
 * to it.
 */
export const WHICH = 'which'

/** The numbers of joined rules, and a rule that does what the rule numbered {@link WHICH} does. */
export interface Alike {
  readonly numbers: readonly number[]
  readonly rule: Rule
}

/** A rule and its number in its system. */
export interface Numbered {
  readonly number: number
  readonly rule: Rule
}

/**
 * Rules are joined if their bodies share at least this many statements at the end, and this part of each body.
 */
const LONG = 32
const MOST = 0.75

/**
 * Joins neighbouring rules whose bodies end alike. A world has a rule for each packet that may be delivered and
 * for each value that an attacker may choose. Without joining, most of the code would be generated, compiled
 * and cached once for each.
 */
export function joinAlike(rules: readonly Numbered[]): readonly Alike[] {
  const joined: Alike[] = []
  for (let from = 0; from < rules.length; ) {
    const first = at(rules, from)
    const group = [first]
    let ending = first.rule.body.length
    for (const next of rules.slice(from + 1)) {
      const common = commonEnding(first.rule.body, next.rule.body, ending)
      if (!isLong(common, [...group, next])) break
      group.push(next)
      ending = common
    }
    joined.push({ numbers: group.map(({ number }) => number), rule: join(group, ending) })
    from += group.length
  }
  return joined
}

/** Reports whether the last `common` statements are so large a part of each body that joining pays. */
function isLong(common: number, rules: readonly Numbered[]): boolean {
  const { body } = at(rules, 0).rule
  const size = statementsIn(body.slice(body.length - common))
  return size >= LONG && rules.every(({ rule }) => size >= MOST * statementsIn(rule.body))
}

function join(rules: readonly Numbered[], ending: number): Rule {
  const { rule } = at(rules, 0)
  if (rules.length === 1) return rule
  const beginning = ({ body }: Rule) => body.slice(0, body.length - ending)
  const cases = rules.map(({ number, rule }) => ({ value: number, body: beginning(rule) }))
  const begin: Stmt = { do: 'switch', on: { op: 'get', name: WHICH }, cases, otherwise: [] }
  return { ...rule, guard: guardOf(rules), body: [begin, ...rule.body.slice(rule.body.length - ending)] }
}

/** Returns the guard of the rule that {@link WHICH} selects. */
function guardOf(rules: readonly Numbered[]): Expr {
  return must(
    rules.reduceRight<Expr | undefined>((rest, { number, rule: { guard } }) => {
      if (rest === undefined || same(guard, rest)) return guard
      const test: Expr = {
        op: '==',
        left: { op: 'get', name: WHICH },
        right: { op: 'number', value: number },
      }
      return { op: '?', test, yes: guard, no: rest }
    }, undefined),
  )
}

/** Returns how many statements two bodies share at their ends, at most `most`. */
function commonEnding(one: readonly Stmt[], other: readonly Stmt[], most: number): number {
  const end = Math.min(most, other.length)
  let common = 0
  while (common < end && sameStatement(must(one.at(-1 - common)), must(other.at(-1 - common)))) common++
  return common
}

function sameStatements(one: readonly Stmt[], other: readonly Stmt[]): boolean {
  return (
    one === other ||
    (one.length === other.length && one.every((stmt, i) => sameStatement(stmt, at(other, i))))
  )
}

function sameStatement(one: Stmt, other: Stmt): boolean {
  if (one === other) return true
  switch (one.do) {
    case 'set':
      return other.do === 'set' && one.name === other.name && same(one.value, other.value)
    case 'if':
      return (
        other.do === 'if' &&
        same(one.test, other.test) &&
        sameStatements(one.yes, other.yes) &&
        sameStatements(one.no, other.no)
      )
    case 'switch':
      return (
        other.do === 'switch' &&
        same(one.on, other.on) &&
        sameStatements(one.otherwise, other.otherwise) &&
        one.cases.length === other.cases.length &&
        one.cases.every(({ value, body }, i) => {
          const match = other.cases[i]
          return match !== undefined && value === match.value && sameStatements(body, match.body)
        })
      )
    case 'cover':
      return other.do === 'cover' && one.point === other.point
    case 'emit':
      return false
  }
}
