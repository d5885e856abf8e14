import type { Expr, Stmt } from '../../spec/lower/ir.ts'

/** The names that statements read and store to. */
export interface Uses {
  readonly reads: Set<string>
  readonly writes: Set<string>
}

/** The names that `exprs` read. */
export function readsOf(...exprs: readonly Expr[]): Set<string> {
  const reads = new Set<string>()
  for (const expr of exprs) addReads(expr, reads)
  return reads
}

/** The names that `body` reads and stores to, nested statements included. */
export function usesOf(body: readonly Stmt[]): Uses {
  const uses: Uses = { reads: new Set(), writes: new Set() }
  addUses(body, uses)
  return uses
}

/** How many nodes an expression has: an estimate of the code it becomes. */
export function sizeOf(expr: Expr): number {
  switch (expr.op) {
    case 'number':
    case 'get':
      return 1
    case '!':
      return 1 + sizeOf(expr.of)
    case '?':
      return 1 + sizeOf(expr.test) + sizeOf(expr.yes) + sizeOf(expr.no)
    default:
      return 1 + sizeOf(expr.left) + sizeOf(expr.right)
  }
}

function addReads(expr: Expr, reads: Set<string>): void {
  switch (expr.op) {
    case 'number':
      return
    case 'get':
      reads.add(expr.name)
      return
    case '!':
      addReads(expr.of, reads)
      return
    case '?':
      addReads(expr.test, reads)
      addReads(expr.yes, reads)
      addReads(expr.no, reads)
      return
    default:
      addReads(expr.left, reads)
      addReads(expr.right, reads)
  }
}

function addUses(body: readonly Stmt[], uses: Uses): void {
  for (const stmt of body) {
    switch (stmt.do) {
      case 'set':
        uses.writes.add(stmt.name)
        addReads(stmt.value, uses.reads)
        break
      case 'if':
        addReads(stmt.test, uses.reads)
        addUses(stmt.yes, uses)
        addUses(stmt.no, uses)
        break
      case 'switch':
        addReads(stmt.on, uses.reads)
        for (const { body: inner } of stmt.cases) addUses(inner, uses)
        addUses(stmt.otherwise, uses)
        break
      case 'emit':
        for (const arg of stmt.args) addReads(arg.value, uses.reads)
        break
      case 'cover':
        break
    }
  }
}
