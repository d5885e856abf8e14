/** The names of locals that may hold more than 32 bits. Printers keep such locals in wider variables. */
import type { Expr, Stmt } from './ir.ts'

export const WIDE = '#wide'

export const isWide = (name: string): boolean => name.endsWith(WIDE)

/** Returns `stmt` with every name replaced. */
export function renameIn(stmt: Stmt, rename: (name: string) => string): Stmt {
  const body = (list: readonly Stmt[]) => list.map(one => renameIn(one, rename))
  const value = (expr: Expr) => renameInExpr(expr, rename)
  switch (stmt.do) {
    case 'set':
      return { ...stmt, name: rename(stmt.name), value: value(stmt.value) }
    case 'if':
      return { ...stmt, test: value(stmt.test), yes: body(stmt.yes), no: body(stmt.no) }
    case 'switch': {
      const cases = stmt.cases.map(one => ({ ...one, body: body(one.body) }))
      return { ...stmt, on: value(stmt.on), cases, otherwise: body(stmt.otherwise) }
    }
    case 'emit':
      return { ...stmt, args: stmt.args.map(arg => ({ ...arg, value: value(arg.value) })) }
    case 'cover':
      return stmt
  }
}

function renameInExpr(expr: Expr, rename: (name: string) => string): Expr {
  const of = (part: Expr) => renameInExpr(part, rename)
  switch (expr.op) {
    case 'number':
      return expr
    case 'get':
      return { op: 'get', name: rename(expr.name) }
    case '!':
    case 'check':
    case 'note':
      return { ...expr, of: of(expr.of) }
    case '?':
      return { op: '?', test: of(expr.test), yes: of(expr.yes), no: of(expr.no) }
    default:
      return { ...expr, left: of(expr.left), right: of(expr.right) }
  }
}
