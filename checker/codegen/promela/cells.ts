import type { Expr, System } from '../../ir/ir.ts'
import { type Dialect, promelaExpr, promelaTerms } from './expressions.ts'
import { PromelaNames } from './names.ts'

/** The names of a System's cells in Promela, and in the C that Promela may contain. */
export class PromelaCells {
  readonly #names = new PromelaNames()
  readonly #variables: ReadonlySet<string>
  readonly #scratch: ReadonlySet<string>
  readonly #hidden = new Set<string>()
  readonly #promela: Dialect = { name: name => this.name(name), arrow: '->' }
  // In SPIN's C the state is a struct called `now`, and a hidden variable is a global.
  readonly #c: Dialect = {
    name: name => (this.isState(name) ? `now.${this.name(name)}` : this.name(name)),
    arrow: '?',
  }

  constructor({ variables, scratch }: System) {
    this.#variables = new Set(variables.map(one => one.name))
    this.#scratch = new Set(scratch)
    // Variables of the state choose their names first.
    for (const { name } of variables) this.#names.of(name)
  }

  /** The identifiers of all cells met so far that are not part of the state. */
  get hidden(): readonly string[] {
    return [...this.#hidden]
  }

  isState(name: string): boolean {
    return this.#variables.has(name)
  }

  /** Returns the identifier of a variable, a scratch cell, a local, or `was.` + a variable. */
  name(name: string): string {
    if (this.isState(name)) return this.#names.of(name)
    const variable = this.#before(name)
    if (variable !== undefined) return this.#hide(variable, 'was')
    return this.#hide(name, this.#scratch.has(name) ? 'scratch' : 'local')
  }

  /** The cell that holds a computed value for the cases of a switch. */
  get switched(): string {
    return this.#hide('value', 'switched')
  }

  /** Returns the value of a cell outside the state at the start of a rule: a copy of the state, or 0. */
  start(name: string): string {
    const variable = this.#before(name)
    return variable === undefined ? '0' : this.#names.of(variable)
  }

  promela(expr: Expr): string {
    return promelaExpr(expr, this.#promela)
  }

  /** Returns the terms of a conjunction. */
  conjuncts(expr: Expr): string[] {
    return promelaTerms(expr, '&&', this.#promela)
  }

  c(expr: Expr): string {
    return promelaExpr(expr, this.#c)
  }

  /** Returns the target of a store in C. */
  place(name: string): string {
    return this.#c.name(name)
  }

  /** Returns the variable whose previous value `name` means, if it is a `was.` name. */
  #before(name: string): string | undefined {
    const variable = name.startsWith('was.') ? name.slice('was.'.length) : undefined
    return variable !== undefined && this.isState(variable) ? variable : undefined
  }

  #hide(name: string, kind: string): string {
    const id = this.#names.of(name, kind)
    this.#hidden.add(id)
    return id
  }
}
