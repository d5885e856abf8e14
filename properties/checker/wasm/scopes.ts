import type { Stmt } from '../../../spec/lower/ir.ts'
import { bodiesOf, valuesOf } from '../../../spec/lower/statement.ts'
import { eachRead } from '../uses.ts'
import type { Local } from './code.ts'
import type { Locals } from './module.ts'

/** A list of statements within others. */
interface Scope {
  readonly parent: Scope | undefined
  readonly depth: number
}

/**
 * Gives names local variables. A lowered machine has thousands of names, most of which matter in one branch only; those of
 * branches that exclude each other share, or compilers would carry all of them through every join.
 */
export class Scopes {
  readonly #locals: Locals
  /** The names that each list of statements is the innermost one around. */
  readonly #within = new Map<readonly Stmt[], string[]>()
  readonly #places = new Map<string, Local>()
  readonly #free: Local[] = []
  readonly #own: Local[] = []

  /** Names for which `isShared` is not true have a local variable of their own. */
  constructor(body: readonly Stmt[], locals: Locals, isShared: (name: string) => boolean) {
    this.#locals = locals
    for (const [name, list] of innermost(body)) {
      if (!isShared(name)) continue
      const names = this.#within.get(list)
      if (names) names.push(name)
      else this.#within.set(list, [name])
    }
  }

  /** The local variables that no other name has. */
  get own(): readonly Local[] {
    return this.#own
  }

  /** Whether all that reads `name` or stores to it stands within one of the lists in `stmt`. */
  isWithin(name: string, stmt: Stmt): boolean {
    return bodiesOf(stmt).some(
      body => this.#within.get(body)?.includes(name) || body.some(inner => this.isWithin(name, inner)),
    )
  }

  enter(body: readonly Stmt[]): void {
    for (const name of this.#within.get(body) ?? [])
      this.#places.set(name, this.#free.pop() ?? this.#locals.make())
  }

  leave(body: readonly Stmt[]): void {
    for (const name of this.#within.get(body) ?? []) this.#free.push(this.#places.get(name)!)
  }

  place(name: string): Local {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const made = this.#locals.make()
    this.#own.push(made)
    this.#places.set(name, made)
    return made
  }
}

/** For each name, the innermost list of statements that has all that reads it or stores to it. */
function innermost(body: readonly Stmt[]): Map<string, readonly Stmt[]> {
  const lists = new Map<Scope, readonly Stmt[]>()
  const scopes = new Map<string, Scope>()
  const meet = (name: string, scope: Scope) => {
    const known = scopes.get(name)
    scopes.set(name, known === undefined ? scope : common(known, scope))
  }
  const visit = (list: readonly Stmt[], parent: Scope | undefined): void => {
    const scope: Scope = { parent, depth: parent === undefined ? 0 : parent.depth + 1 }
    lists.set(scope, list)
    for (const stmt of list) {
      for (const value of valuesOf(stmt)) eachRead(value, name => meet(name, scope))
      if (stmt.do === 'set') meet(stmt.name, scope)
      for (const inner of bodiesOf(stmt)) visit(inner, scope)
    }
  }
  visit(body, undefined)
  return new Map([...scopes].map(([name, scope]) => [name, lists.get(scope)!]))
}

function common(one: Scope, other: Scope): Scope {
  let [a, b] = [one, other]
  while (a !== b) {
    if (a.depth >= b.depth) a = a.parent!
    else b = b.parent!
  }
  return a
}
