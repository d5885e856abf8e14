import type { BinaryOp, Expr } from '../../ir/ir.ts'

type Binary = Extract<Expr, { readonly op: BinaryOp }>

/**
 * Inside an operator of rank 1 or more, an operator of a higher rank needs no parentheses. C, JavaScript and
 * Promela agree on the order. Operators of rank 0, `&&` within `
 *
 * ` and those of bits, always get parentheses, because few readers remember their order.
 */
const RANK: Readonly<Record<BinaryOp, number>> = {
  '|': 0,
  '&': 0,
  '<<': 0,
  '>>': 0,
  '||': 1,
  '&&': 1,
  '==': 2,
  '!=': 2,
  '<': 2,
  '<=': 2,
  '>': 2,
  '>=': 2,
  '+': 3,
  '-': 3,
  '*': 4,
  '%': 4,
}

/** Operators whose chains need no parentheses. */
const CHAINED: ReadonlySet<BinaryOp> = new Set(['&&', '||', '+', '*', '&', '|'])

/** The differences between Promela and its embedded C. */
export interface Dialect {
  /** Returns the identifier of a cell. */
  readonly name: (cell: string) => string
  /** The text between the test and the first branch of a conditional. */
  readonly arrow: '->' | '?'
}

/** Prints `expr` in Promela or in C. */
export function promelaExpr(expr: Expr, dialect: Dialect): string {
  switch (expr.op) {
    case 'number':
      return String(expr.value)
    case 'get':
      return dialect.name(expr.name)
    case '!':
      return `!${enclosed(expr.of, dialect)}`
    case 'check':
    case 'note':
      return promelaExpr(expr.of, dialect)
    case '?': {
      const [test, yes, no] = [expr.test, expr.yes, expr.no].map(one => enclosed(one, dialect))
      return `(${test} ${dialect.arrow} ${yes} : ${no})`
    }
    default:
      return promelaTerms(expr, expr.op, dialect).join(` ${expr.op} `)
  }
}

/**
 * Returns the operands of a chain of `op`: three for `a && b && c`, two for `a - b - c`, and `expr` itself if
 * it is no chain.
 */
export function promelaTerms(expr: Expr, op: BinaryOp, dialect: Dialect): string[] {
  return chain(expr, op).map(one => (isBare(one, op) ? promelaExpr(one, dialect) : enclosed(one, dialect)))
}

function chain(expr: Expr, op: BinaryOp): Expr[] {
  if (expr.op !== op) return [expr]
  const { left, right } = expr as Binary
  return CHAINED.has(op) ? [...chain(left, op), right] : [left, right]
}

function isBare(expr: Expr, within: BinaryOp): boolean {
  if (expr.op === 'check' || expr.op === 'note') return isBare(expr.of, within)
  if (expr.op === '!') return RANK[within] === 1
  return isBinary(expr) && RANK[within] > 0 && RANK[expr.op] > RANK[within]
}

function isBinary(expr: Expr): expr is Binary {
  return expr.op in RANK
}

/** Prints `expr` so that anything may stand next to it. A conditional has parentheses of its own. */
function enclosed(expr: Expr, dialect: Dialect): string {
  if (expr.op === 'check' || expr.op === 'note') return enclosed(expr.of, dialect)
  const alone = expr.op === 'get' || expr.op === '?' || (expr.op === 'number' && expr.value >= 0)
  return alone ? promelaExpr(expr, dialect) : `(${promelaExpr(expr, dialect)})`
}
