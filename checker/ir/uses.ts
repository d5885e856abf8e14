import type { Expr, Stmt } from './ir.ts'
import { bodiesOf, valuesOf } from './statement.ts'

/**
 * The names that statements read, the names that they store to, and those of the latter that more than one
 * statement stores to.
 */
export interface Uses {
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
  readonly rewrites: ReadonlySet<string>
}

/** Returns the names that `exprs` read. */
export function readsOf(...exprs: readonly Expr[]): Set<string> {
  const reads = new Set<string>()
  for (const expr of exprs) eachRead(expr, name => reads.add(name))
  return reads
}

const known = new WeakMap<readonly Stmt[], Uses>()

/**
 * Returns the names that `body` reads and stores to, inner statements included. Computed once for each body.
 */
export function usesOf(body: readonly Stmt[]): Uses {
  const before = known.get(body)
  if (before) return before
  const [reads, writes, rewrites] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const write = (name: string) => (writes.has(name) ? rewrites : writes).add(name)
  addUses(body, name => reads.add(name), write)
  const uses = { reads, writes, rewrites }
  known.set(body, uses)
  return uses
}

/** Returns the number of nodes of an expression, an estimate of the size of its code. */
export function sizeOf(expr: Expr): number {
  switch (expr.op) {
    case 'number':
    case 'get':
      return 1
    case '!':
    case 'check':
    case 'note':
      return 1 + sizeOf(expr.of)
    case '?':
      return 1 + sizeOf(expr.test) + sizeOf(expr.yes) + sizeOf(expr.no)
    default:
      return 1 + sizeOf(expr.left) + sizeOf(expr.right)
  }
}

/** Calls `visit` for every read of a name in `expr`. */
export function eachRead(expr: Expr, visit: (name: string) => void): void {
  switch (expr.op) {
    case 'number':
      return
    case 'get':
      visit(expr.name)
      return
    case '!':
    case 'check':
    case 'note':
      eachRead(expr.of, visit)
      return
    case '?':
      eachRead(expr.test, visit)
      eachRead(expr.yes, visit)
      eachRead(expr.no, visit)
      return
    default:
      eachRead(expr.left, visit)
      eachRead(expr.right, visit)
  }
}

function addUses(body: readonly Stmt[], read: (name: string) => void, write: (name: string) => void): void {
  for (const stmt of body) {
    for (const value of valuesOf(stmt)) eachRead(value, read)
    if (stmt.do === 'set') write(stmt.name)
    for (const inner of bodiesOf(stmt)) addUses(inner, read, write)
  }
}
