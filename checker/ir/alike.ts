import { at, must } from '../text/at.ts'
import type { Expr, Rule, Stmt } from './ir.ts'
import { same } from './simplify.ts'
import { statementsIn } from './statement.ts'

/** A name that a rule which stands for several reads: the number of the one that it is to be. No body stores to it. */
export const WHICH = 'which'

/** Rules by their numbers, and one that does what the rule numbered {@link WHICH} does. */
export interface Alike {
  readonly numbers: readonly number[]
  readonly rule: Rule
}

/** A rule and its number in its system. */
export interface Numbered {
  readonly number: number
  readonly rule: Rule
}

/** How many statements rules must end with in common, and what part of each body that must be. */
const LONG = 32
const MOST = 0.75

/**
 * Joins neighbours that end alike: a world has a rule for each packet that may be delivered and each value that an attacker
 * may choose, and most of its code would be made, compiled and kept in caches once for each.
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

/** Whether the last `common` statements are so much of each body that it pays to have them once. */
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

/** The guard of the rule that {@link WHICH} says. */
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

/** How many statements, `most` of them at most, two bodies end with in common. */
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
