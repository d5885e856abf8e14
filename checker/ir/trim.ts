import { mayTrap } from './expression.ts'
import type { Expr, Stmt } from './ir.ts'
import { simplify } from './simplify.ts'
import { bodiesOf, valuesOf } from './statement.ts'
import { eachRead, usesOf } from './uses.ts'

/** What is wanted of a rule's body. */
export interface Wanted {
  /** Whether a name is 0 where the body begins and of no use where it ends, unless `cells` has it. */
  readonly isCell: (name: string) => boolean
  readonly cells: ReadonlySet<string>
  readonly coverage: boolean
}

/**
 * `body` without what nobody wants: stores to cells that are not read after, and what is not done because the cells asked
 * for are never stored to. A world tells its invariants much of each step; a search that checks few of them need not.
 */
export function trim(body: readonly Stmt[], wanted: Wanted): readonly Stmt[] {
  const { writes } = usesOf(body)
  const folded = fold(body, name =>
    wanted.isCell(name) && !writes.has(name) ? { op: 'number', value: 0 } : undefined,
  )
  return only(folded, needed(folded, wanted))
}

function fold(body: readonly Stmt[], known: (name: string) => Expr | undefined): readonly Stmt[] {
  return body.flatMap((stmt): Stmt | readonly Stmt[] => {
    switch (stmt.do) {
      case 'set': {
        const value = simplify(stmt.value, known)
        return value === stmt.value ? stmt : { ...stmt, value }
      }
      case 'if': {
        const test = simplify(stmt.test, known)
        if (test.op === 'number') return fold(test.value === 0 ? stmt.no : stmt.yes, known)
        return { do: 'if', test, yes: fold(stmt.yes, known), no: fold(stmt.no, known) }
      }
      case 'switch': {
        const cases = stmt.cases.map(({ value, body }) => ({ value, body: fold(body, known) }))
        return { do: 'switch', on: simplify(stmt.on, known), cases, otherwise: fold(stmt.otherwise, known) }
      }
      default:
        return stmt
    }
  })
}

/** A statement where it stands: the same one may stand in several places. */
interface Place {
  readonly stmt: Stmt
  readonly outer: Place | undefined
  isNeeded: boolean
}

/**
 * The statements that matter: those that store to variables, to cells that are wanted or to what such a statement reads, and
 * those that decide about such a statement.
 */
function needed(body: readonly Stmt[], { isCell, cells, coverage }: Wanted): ReadonlySet<Stmt> {
  const found = new Set<Stmt>()
  /** Where each cell is stored to, while nothing that matters reads it. */
  const stores = new Map<string, Place[]>()
  const todo: Place[] = []
  const visit = (list: readonly Stmt[], outer: Place | undefined): void => {
    for (const stmt of list) {
      const place = { stmt, outer, isNeeded: false }
      if (stmt.do === 'set' && isCell(stmt.name) && !cells.has(stmt.name) && !mayTrap(stmt.value)) {
        const others = stores.get(stmt.name)
        if (others) others.push(place)
        else stores.set(stmt.name, [place])
      } else if (
        valuesOf(stmt).some(mayTrap) ||
        stmt.do === 'set' ||
        stmt.do === 'emit' ||
        (stmt.do === 'cover' && coverage)
      )
        todo.push(place)
      for (const inner of bodiesOf(stmt)) visit(inner, place)
    }
  }
  const need = (name: string): void => {
    for (const place of stores.get(name) ?? []) todo.push(place)
    stores.delete(name)
  }
  visit(body, undefined)
  for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
    if (place.isNeeded) continue
    place.isNeeded = true
    found.add(place.stmt)
    for (const value of valuesOf(place.stmt)) eachRead(value, need)
    if (place.outer !== undefined) todo.push(place.outer)
  }
  return found
}

/** What `found` has of `body`. */
function only(body: readonly Stmt[], found: ReadonlySet<Stmt>): readonly Stmt[] {
  return body
    .filter(stmt => found.has(stmt))
    .map(stmt => {
      switch (stmt.do) {
        case 'if':
          return { ...stmt, yes: only(stmt.yes, found), no: only(stmt.no, found) }
        case 'switch': {
          const cases = stmt.cases.map(({ value, body }) => ({ value, body: only(body, found) }))
          return { ...stmt, cases, otherwise: only(stmt.otherwise, found) }
        }
        default:
          return stmt
      }
    })
}
