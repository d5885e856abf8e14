import type { BinaryOp, Expr } from '../../ir/ir.ts'

type Binary = Extract<Expr, { readonly op: BinaryOp }>

/**
 * Inside an operator of rank 1 or more, one of a higher rank stands without parentheses. The order is C's,
 * JavaScript's and Promela's alike, but of `&&` within `||` and of bits (rank 0) nobody remembers it.
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

/** Operators of which a chain needs no parentheses. */
const CHAINED: ReadonlySet<BinaryOp> = new Set(['&&', '||', '+', '*', '&', '|'])

/** Where Promela and the C inside it differ. */
export interface Dialect {
  /** Turns the name of a cell into what it is called. */
  readonly name: (cell: string) => string
  /** Between the test and the first branch of a conditional. */
  readonly arrow: '->' | '?'
}

/** `expr` in Promela or in C. */
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

/** The operands of a chain of `op`: three of `a && b && c`, two of `a - b - c`, and `expr` alone if it is none. */
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

/** `expr` where anything may stand next to it. A conditional brings its own parentheses. */
function enclosed(expr: Expr, dialect: Dialect): string {
  if (expr.op === 'check' || expr.op === 'note') return enclosed(expr.of, dialect)
  const alone = expr.op === 'get' || expr.op === '?' || (expr.op === 'number' && expr.value >= 0)
  return alone ? promelaExpr(expr, dialect) : `(${promelaExpr(expr, dialect)})`
}
