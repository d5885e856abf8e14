import type { Expr, Stmt, System } from '../../spec/lower/ir.ts'
import { bodiesOf } from '../../spec/lower/statement.ts'
import type { Names } from './names.ts'
import { greatest } from './simplify.ts'

/** Tells which values fit into the variables that a rule's body stores to. */
export class Ranges {
  readonly #system: System
  readonly #names: Names
  /** What the body stores to each cell. */
  readonly #stored = new Map<string, Expr[]>()
  readonly #known = new Map<string, number>()

  constructor(system: System, names: Names, body: readonly Stmt[]) {
    this.#system = system
    this.#names = names
    this.#collect(body)
  }

  /** Whether every value that `from` can have in the body fits into what `name` is. */
  fit(name: string, from: Expr): boolean {
    const { kind } = this.#names.meaning(name)
    return kind !== 'variable' || this.#greatest(from) <= this.#limit(name)
  }

  #greatest(expr: Expr): number {
    return greatest(expr, name => this.#limit(name))
  }

  /** The greatest value of a variable, by its width, or of a cell, by all that is ever stored to it. */
  #limit(name: string): number {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    // What a cell's value may depend on, it itself, has no limit known.
    this.#known.set(name, Number.POSITIVE_INFINITY)
    const limit = this.#names.isCell(name)
      ? Math.max(0, ...(this.#stored.get(name) ?? []).map(value => this.#greatest(value)))
      : 2 ** this.#system.variables[this.#names.meaning(name).index]!.bits - 1
    this.#known.set(name, limit)
    return limit
  }

  #collect(body: readonly Stmt[]): void {
    for (const stmt of body) {
      if (stmt.do === 'set') {
        const stored = this.#stored.get(stmt.name)
        if (stored) stored.push(stmt.value)
        else this.#stored.set(stmt.name, [stmt.value])
      }
      for (const inner of bodiesOf(stmt)) this.#collect(inner)
    }
  }
}
