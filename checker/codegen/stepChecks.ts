import { implicationsOf, notes } from '../ir/implications.ts'
import type { Expr, Rule, Stmt, System } from '../ir/ir.ts'
import { simplify } from '../ir/simplify.ts'
import { usesOf } from '../ir/uses.ts'
import type { Check } from './checks.ts'
import type { Names } from './names.ts'

/** The number of a step check, and its expression, simplified for one rule. */
export interface StepCheck {
  readonly check: number
  readonly expr: Expr
}

/** Simplifies the step checks of a system for each rule. */
export class StepChecks {
  readonly #system: System
  readonly #names: Names
  readonly #checks: readonly Check[]
  /**
   * Keyed by the effect of a rule on the names that checks read: many rules of a world store to the same names.
   */
  readonly #made = new Map<string, readonly StepCheck[]>()

  constructor(system: System, names: Names, checks: readonly Check[]) {
    this.#system = system
    this.#names = names
    this.#checks = checks
  }

  /**
   * Returns the checks to evaluate after `rule`. Rules with the same effect on the names that checks read share
   * one list.
   */
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

  /**
   * Reports whether the left side of a check may be true after `rule` without being noted, because the right
   * side is true after it anyway.
   */
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

  /** Returns what is known of a name after a rule that stores to `writes`. */
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

/** Returns the names that `body` always stores a constant to, exactly once, with that constant. */
function constantsOf(body: readonly Stmt[], rewrites: ReadonlySet<string>): Map<string, number> {
  const constants = new Map<string, number>()
  for (const stmt of body) {
    if (stmt.do === 'set' && stmt.value.op === 'number' && !rewrites.has(stmt.name))
      constants.set(stmt.name, stmt.value.value)
  }
  return constants
}
