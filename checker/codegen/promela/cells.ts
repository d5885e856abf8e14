import type { Expr, System } from '../../ir/ir.ts'
import { type Dialect, promelaExpr, promelaTerms } from './expressions.ts'
import { PromelaNames } from './names.ts'

/** The cells of one System as they are called in its Promela text, and in the C that Promela may contain. */
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
    // The state has the first choice of names.
    for (const { name } of variables) this.#names.of(name)
  }

  /** The identifiers of all cells met so far that are no part of the state. */
  get hidden(): readonly string[] {
    return [...this.#hidden]
  }

  isState(name: string): boolean {
    return this.#variables.has(name)
  }

  /** The identifier of a variable, a scratch cell, a local, or `was.` + a variable. */
  name(name: string): string {
    if (this.isState(name)) return this.#names.of(name)
    const variable = this.#before(name)
    if (variable !== undefined) return this.#hide(variable, 'was')
    return this.#hide(name, this.#scratch.has(name) ? 'scratch' : 'local')
  }

  /** Where a computed value waits for the cases of its switch. */
  get switched(): string {
    return this.#hide('value', 'switched')
  }

  /** What a cell outside the state holds when a rule starts: a copy of the state, or zero. */
  start(name: string): string {
    const variable = this.#before(name)
    return variable === undefined ? '0' : this.#names.of(variable)
  }

  promela(expr: Expr): string {
    return promelaExpr(expr, this.#promela)
  }

  /** The terms of a conjunction. */
  conjuncts(expr: Expr): string[] {
    return promelaTerms(expr, '&&', this.#promela)
  }

  c(expr: Expr): string {
    return promelaExpr(expr, this.#c)
  }

  /** What C stores into. */
  place(name: string): string {
    return this.#c.name(name)
  }

  /** The variable whose value before the step `name` stands for, if it is a `was.` name. */
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
