import type { BinaryOp, Expr } from './ir.ts'

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

/** `expr` in Promela; `name` turns the name of a cell into its identifier. */
export function promelaExpr(expr: Expr, name: (cell: string) => string): string {
  switch (expr.op) {
    case 'number':
      return String(expr.value)
    case 'get':
      return name(expr.name)
    case '!':
      return `!${enclosed(expr.of, name)}`
    case '?':
      return `(${enclosed(expr.test, name)} -> ${enclosed(expr.yes, name)} : ${enclosed(expr.no, name)})`
    default:
      return chain(expr, expr.op)
        .map(one => promelaTerm(one, expr.op, name))
        .join(` ${expr.op} `)
  }
}

/** The operands of a chain of `op`: three of `a && b && c`, two of `a - b - c`, and `expr` alone if it is none. */
export function chain(expr: Expr, op: BinaryOp): Expr[] {
  if (expr.op !== op) return [expr]
  const { left, right } = expr as Binary
  return CHAINED.has(op) ? [...chain(left, op), right] : [left, right]
}

/** `expr` as an operand of `within`. */
export function promelaTerm(expr: Expr, within: BinaryOp, name: (cell: string) => string): string {
  return isBare(expr, within) ? promelaExpr(expr, name) : enclosed(expr, name)
}

function isBare(expr: Expr, within: BinaryOp): boolean {
  if (expr.op === '!') return RANK[within] === 1
  return isBinary(expr) && RANK[within] > 0 && RANK[expr.op] > RANK[within]
}

function isBinary(expr: Expr): expr is Binary {
  return expr.op in RANK
}

/** `expr` where anything may stand next to it. A conditional brings its own parentheses. */
function enclosed(expr: Expr, name: (cell: string) => string): string {
  const alone = expr.op === 'get' || expr.op === '?' || (expr.op === 'number' && expr.value >= 0)
  return alone ? promelaExpr(expr, name) : `(${promelaExpr(expr, name)})`
}
