import type { Stmt } from '../../ir/ir.ts'
import { bodiesOf, valuesOf } from '../../ir/statement.ts'
import { eachRead } from '../../ir/uses.ts'
import { isWide } from '../../ir/widths.ts'
import { must } from '../../text/at.ts'
import type { Local } from './code.ts'
import type { Locals } from './module.ts'
import type { Condition } from './statements.ts'

/** A list of statements within others. The lists within it have the numbers from its own up to `last`. */
interface Scope {
  readonly parent: Scope | undefined
  readonly depth: number
  readonly number: number
  last: number
}

/**
 * Gives names local variables. A lowered machine has thousands of names, most of which matter in one branch
 * only. Names of branches that exclude each other share a variable; otherwise compilers would carry all of them
 * through every join.
 */
export class Scopes {
  readonly #locals: Locals
  readonly #lists: ReadonlyMap<readonly Stmt[], Scope>
  /** The innermost list of statements around each name that shares. */
  readonly #homes = new Map<string, Scope>()
  /** The names for which each list of statements is the innermost one. */
  readonly #within = new Map<Scope, string[]>()
  readonly #places = new Map<string, Local>()
  readonly #free: Local[] = []
  readonly #own: { readonly place: Local; readonly isWide: boolean }[] = []

  /** Names for which `isShared` returns false get a local variable of their own. */
  constructor(body: readonly Stmt[], locals: Locals, isShared: (name: string) => boolean) {
    this.#locals = locals
    const { lists, scopes } = innermost(body)
    this.#lists = lists
    for (const [name, scope] of scopes) {
      if (!isShared(name) || isWide(name)) continue
      this.#homes.set(name, scope)
      const names = this.#within.get(scope)
      if (names) names.push(name)
      else this.#within.set(scope, [name])
    }
  }

  /** The local variables that belong to one name only. */
  get own(): readonly { readonly place: Local; readonly isWide: boolean }[] {
    return this.#own
  }

  /** Reports whether `name` shares a variable, and all its uses stand within one of the lists of `stmt`. */
  isWithin(name: string, stmt: Condition): boolean {
    const home = this.#homes.get(name)
    if (home === undefined) return false
    return home.number >= this.#scope(stmt.yes).number && home.number <= this.#scope(stmt.no).last
  }

  enter(body: readonly Stmt[]): void {
    for (const name of this.#in(body)) this.#places.set(name, this.#free.pop() ?? this.#locals.make())
  }

  leave(body: readonly Stmt[]): void {
    for (const name of this.#in(body)) this.#free.push(must(this.#places.get(name), name))
  }

  place(name: string): Local {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const made = isWide(name) ? this.#locals.makeWide() : this.#locals.make()
    this.#own.push({ place: made, isWide: isWide(name) })
    this.#places.set(name, made)
    return made
  }

  #in(body: readonly Stmt[]): readonly string[] {
    return this.#within.get(this.#scope(body)) ?? []
  }

  #scope(list: readonly Stmt[]): Scope {
    return must(this.#lists.get(list), 'the scope of a list of statements')
  }
}

/** Returns the lists of statements in `body`, and for each name the innermost list that has all its uses. */
function innermost(body: readonly Stmt[]) {
  const lists = new Map<readonly Stmt[], Scope>()
  const scopes = new Map<string, Scope>()
  let scope: Scope
  const meet = (name: string) => {
    const known = scopes.get(name)
    if (known !== scope) scopes.set(name, known === undefined ? scope : common(known, scope))
  }
  const visit = (list: readonly Stmt[], parent: Scope | undefined): void => {
    const own: Scope = {
      parent,
      depth: parent === undefined ? 0 : parent.depth + 1,
      number: lists.size,
      last: 0,
    }
    lists.set(list, own)
    for (const stmt of list) {
      scope = own
      for (const value of valuesOf(stmt)) eachRead(value, meet)
      if (stmt.do === 'set') meet(stmt.name)
      for (const inner of bodiesOf(stmt)) visit(inner, own)
    }
    own.last = lists.size - 1
  }
  visit(body, undefined)
  return { lists, scopes }
}

function common(one: Scope, other: Scope): Scope {
  let [a, b] = [one, other]
  while (a !== b) {
    if (a.depth >= b.depth) a = must(a.parent, 'a common scope')
    else b = must(b.parent, 'a common scope')
  }
  return a
}
