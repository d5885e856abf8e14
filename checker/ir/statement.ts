import type { Expr, Stmt } from './ir.ts'

/** Returns the lists of statements inside `stmt`, one of which is executed. */
export function bodiesOf(stmt: Stmt): readonly (readonly Stmt[])[] {
  if (stmt.do === 'if') return [stmt.yes, stmt.no]
  if (stmt.do === 'switch') return [...stmt.cases.map(({ body }) => body), stmt.otherwise]
  return []
}

/** Returns the expressions that `stmt` itself evaluates, before its inner statements. */
export function valuesOf(stmt: Stmt): readonly Expr[] {
  switch (stmt.do) {
    case 'set':
      return [stmt.value]
    case 'if':
      return [stmt.test]
    case 'switch':
      return [stmt.on]
    case 'emit':
      return stmt.args.map(({ value }) => value)
    case 'cover':
      return []
  }
}

/** Returns the number of statements in `body`, inner statements included. */
export function statementsIn(body: readonly Stmt[]): number {
  let sum = body.length
  for (const stmt of body) for (const inner of bodiesOf(stmt)) sum += statementsIn(inner)
  return sum
}
