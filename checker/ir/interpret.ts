import type { Checked, Expr, Stmt } from './ir.ts'
import { apply, passes } from './simplify.ts'

/** Values by name. A name without a value is 0, as locals are at first. */
export type Values = Readonly<Record<string, number>>

/** A checked value is out of its limits. */
export class Rejected extends Error {
  readonly check: Checked
  readonly value: number

  constructor(check: Checked, value: number) {
    super(`${check.where}: ${check.kind} ${value} of ${check.source}`)
    this.check = check
    this.value = value
  }
}

/** Evaluates an expression. Throws {@link Rejected}. */
export function evaluate(expr: Expr, values: Values): number {
  switch (expr.op) {
    case 'number':
      return expr.value
    case 'get':
      return values[expr.name] ?? 0
    case '!':
      return Number(evaluate(expr.of, values) === 0)
    case '?':
      return evaluate(evaluate(expr.test, values) !== 0 ? expr.yes : expr.no, values)
    case '&&':
      return Number(evaluate(expr.left, values) !== 0 && evaluate(expr.right, values) !== 0)
    case '||':
      return Number(evaluate(expr.left, values) !== 0 || evaluate(expr.right, values) !== 0)
    case 'note':
      return evaluate(expr.of, values)
    case 'check': {
      const value = evaluate(expr.of, values)
      if (passes(expr, value)) return value
      throw new Rejected(expr, value)
    }
    default:
      return apply(expr.op, evaluate(expr.left, values), evaluate(expr.right, values))
  }
}

/** Runs `body` on `values`, and counts the coverage points that it passes. Throws {@link Rejected}. */
export function run(body: readonly Stmt[], values: Record<string, number>, coverage: number[]): void {
  for (const stmt of body) {
    if (stmt.do === 'set') values[stmt.name] = evaluate(stmt.value, values)
    else if (stmt.do === 'cover') coverage[stmt.point] = (coverage[stmt.point] as number) + 1
    else if (stmt.do === 'if') run(evaluate(stmt.test, values) !== 0 ? stmt.yes : stmt.no, values, coverage)
    else if (stmt.do === 'switch') {
      const on = evaluate(stmt.on, values)
      run(stmt.cases.find(({ value }) => value === on)?.body ?? stmt.otherwise, values, coverage)
    }
  }
}
