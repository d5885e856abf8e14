import { implicationsOf, notes } from '../ir/implications.ts'
import type { Expr, Rule, Stmt, System } from '../ir/ir.ts'
import { simplify } from '../ir/simplify.ts'
import { usesOf } from '../ir/uses.ts'
import type { Check } from './checks.ts'
import type { Names } from './names.ts'

/** A check of steps, by its number, and what is left of what it looks for. */
export interface StepCheck {
  readonly check: number
  readonly expr: Expr
}

/** The step checks of a system, as far as a rule can trip them. */
export class StepChecks {
  readonly #system: System
  readonly #names: Names
  readonly #checks: readonly Check[]
  /** By what a rule does: many rules of a world store to the same names. */
  readonly #made = new Map<string, readonly StepCheck[]>()

  constructor(system: System, names: Names, checks: readonly Check[]) {
    this.#system = system
    this.#names = names
    this.#checks = checks
  }

  /** What remains to be evaluated after `rule`; rules that do the same to all that checks read are given the same list. */
  of(rule: Rule): readonly StepCheck[] {
    const { writes, rewrites } = usesOf(rule.body)
    const constants = constantsOf(rule.body, rewrites)
    const seen = [...writes].filter(name => this.#names.meaning(name).kind !== 'local').sort()
    const key = seen.map(name => `${name}=${constants.get(name) ?? ''}`).join()
    const known = this.#made.get(key)
    if (known) return known
    const made = this.#simplified(writes, constants)
    this.#made.set(key, made)
    return made
  }

  /** Whether the left side of a check may be true after `rule` without being noted, because the right side is then true anyhow. */
  isBlind({ body }: Rule, { found }: Check): boolean {
    const { writes, rewrites } = usesOf(body)
    const known = this.#known(writes, constantsOf(body, rewrites))
    return implicationsOf(found.op === '!' ? found.of : found).some(({ unless, whole }) => {
      if (notes(simplify(whole, known))) return false
      const left = simplify(unless, known)
      return !(left.op === 'number' && left.value !== 0)
    })
  }

  #simplified(writes: ReadonlySet<string>, constants: ReadonlyMap<string, number>): StepCheck[] {
    const known = this.#known(writes, constants)
    return this.#checks
      .map((check, number) => ({ check, number }))
      .filter(({ check }) => check.ofStep)
      .map(({ check, number }) => ({ check: number, expr: simplify(check.found, known) }))
      .filter(({ expr }) => !(expr.op === 'number' && expr.value === 0))
  }

  /** What is known of names after a rule that stores to `writes`. */
  #known(writes: ReadonlySet<string>, constants: ReadonlyMap<string, number>) {
    return (name: string): Expr | undefined => {
      const { kind, index } = this.#names.meaning(name)
      if (kind === 'scratch' && !writes.has(name)) return { op: 'number', value: 0 }
      const constant = constants.get(name)
      if (constant !== undefined) return { op: 'number', value: constant }
      const variable = this.#system.variables[index]?.name
      if (kind === 'was' && variable !== undefined && !writes.has(variable))
        return { op: 'get', name: variable }
      return undefined
    }
  }
}

/** The names that `body` stores to once, always, and a number that is written there. */
function constantsOf(body: readonly Stmt[], rewrites: ReadonlySet<string>): Map<string, number> {
  const constants = new Map<string, number>()
  for (const stmt of body) {
    if (stmt.do === 'set' && stmt.value.op === 'number' && !rewrites.has(stmt.name))
      constants.set(stmt.name, stmt.value.value)
  }
  return constants
}
