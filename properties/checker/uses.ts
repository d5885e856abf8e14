import type { Expr, Stmt } from '../../spec/lower/ir.ts'

/** The names that statements read and store to. */
export interface Uses {
  readonly reads: Set<string>
  readonly writes: Set<string>
}

/** The names that `exprs` read. */
export function readsOf(...exprs: readonly Expr[]): Set<string> {
  const reads = new Set<string>()
  for (const expr of exprs) eachRead(expr, name => reads.add(name))
  return reads
}

/** The names that `body` reads and stores to, nested statements included. */
export function usesOf(body: readonly Stmt[]): Uses {
  const uses: Uses = { reads: new Set(), writes: new Set() }
  addUses(body, uses, name => uses.reads.add(name))
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

/** Calls `visit` for every name that `expr` reads, as often as it does. */
export function eachRead(expr: Expr, visit: (name: string) => void): void {
  switch (expr.op) {
    case 'number':
      return
    case 'get':
      visit(expr.name)
      return
    case '!':
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

function addUses(body: readonly Stmt[], uses: Uses, read: (name: string) => void): void {
  for (const stmt of body) {
    switch (stmt.do) {
      case 'set':
        uses.writes.add(stmt.name)
        eachRead(stmt.value, read)
        break
      case 'if':
        eachRead(stmt.test, read)
        addUses(stmt.yes, uses, read)
        addUses(stmt.no, uses, read)
        break
      case 'switch':
        eachRead(stmt.on, read)
        for (const { body: inner } of stmt.cases) addUses(inner, uses, read)
        addUses(stmt.otherwise, uses, read)
        break
      case 'emit':
        for (const arg of stmt.args) eachRead(arg.value, read)
        break
      case 'cover':
        break
    }
  }
}
