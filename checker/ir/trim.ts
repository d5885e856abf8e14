import { mayTrap } from './expression.ts'
import type { Expr, Stmt } from './ir.ts'
import { simplify } from './simplify.ts'
import { bodiesOf, valuesOf } from './statement.ts'
import { eachRead, usesOf } from './uses.ts'

/** The parts of a rule's body that are needed. */
export interface Wanted {
  /**
   * Reports whether a name is 0 where the body begins and is not needed where it ends, unless it is in `cells`.
   */
  readonly isCell: (name: string) => boolean
  readonly cells: ReadonlySet<string>
  readonly coverage: boolean
}

/**
 * Removes needless statements from `body`: stores to cells that nothing reads afterwards, and statements that
 * only run if a cell was stored to that never is. A world tells its invariants much about each step; a search
 * that checks few of them needs little of it.
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

/** A statement and where it stands. The same statement may occur several times. */
interface Occurrence {
  readonly stmt: Stmt
  readonly outer: Occurrence | undefined
  isNeeded: boolean
}

/**
 * Finds the statements that matter: those that store to variables, to wanted cells, or to names that such a
 * statement reads, and those that decide about such a statement.
 */
function needed(body: readonly Stmt[], { isCell, cells, coverage }: Wanted): ReadonlySet<Stmt> {
  const found = new Set<Stmt>()
  /** Where each cell is stored to, as long as nothing that matters reads the cell. */
  const stores = new Map<string, Occurrence[]>()
  const todo: Occurrence[] = []
  const visit = (list: readonly Stmt[], outer: Occurrence | undefined): void => {
    for (const stmt of list) {
      const occurrence = { stmt, outer, isNeeded: false }
      if (stmt.do === 'set' && isCell(stmt.name) && !cells.has(stmt.name) && !mayTrap(stmt.value)) {
        const others = stores.get(stmt.name)
        if (others) others.push(occurrence)
        else stores.set(stmt.name, [occurrence])
      } else if (
        valuesOf(stmt).some(mayTrap) ||
        stmt.do === 'set' ||
        stmt.do === 'emit' ||
        (stmt.do === 'cover' && coverage)
      )
        todo.push(occurrence)
      for (const inner of bodiesOf(stmt)) visit(inner, occurrence)
    }
  }
  const need = (name: string): void => {
    for (const occurrence of stores.get(name) ?? []) todo.push(occurrence)
    stores.delete(name)
  }
  visit(body, undefined)
  for (let occurrence = todo.pop(); occurrence !== undefined; occurrence = todo.pop()) {
    if (occurrence.isNeeded) continue
    occurrence.isNeeded = true
    found.add(occurrence.stmt)
    for (const value of valuesOf(occurrence.stmt)) eachRead(value, need)
    if (occurrence.outer !== undefined) todo.push(occurrence.outer)
  }
  return found
}

/** Returns the statements of `body` that are in `found`. */
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
