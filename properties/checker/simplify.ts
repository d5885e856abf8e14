import type { BinaryOp, Expr } from '../../spec/lower/ir.ts'
import { isTruth } from '../../spec/lower/javascript.ts'

/**
 * `expr` with names replaced by what `known` says they are, and what follows from that folded. A step invariant thus
 * shrinks, often to 1, in a rule that does not touch what it speaks of. What they leave alone stays the same object.
 */
export function simplify(expr: Expr, known: (name: string) => Expr | undefined): Expr {
  switch (expr.op) {
    case 'number':
      return expr
    case 'get':
      return known(expr.name) ?? expr
    case '!': {
      const of = simplify(expr.of, known)
      if (of.op === 'number') return number(of.value === 0)
      return of === expr.of ? expr : { op: '!', of }
    }
    case '?': {
      const test = simplify(expr.test, known)
      const [yes, no] = [simplify(expr.yes, known), simplify(expr.no, known)]
      if (test.op === 'number') return test.value === 0 ? no : yes
      return test === expr.test && yes === expr.yes && no === expr.no ? expr : { op: '?', test, yes, no }
    }
    default: {
      const [left, right] = [simplify(expr.left, known), simplify(expr.right, known)]
      return (
        folded(expr.op, left, right) ??
        (left === expr.left && right === expr.right ? expr : { op: expr.op, left, right })
      )
    }
  }
}

/** What `left op right` is when that needs no operation, or one less. */
function folded(op: BinaryOp, left: Expr, right: Expr): Expr | undefined {
  if (left.op === 'number' && right.op === 'number') return number(apply(op, left.value, right.value))
  if (op === '&&' || op === '||') {
    const absorbing = op === '&&' ? 0 : 1
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      if (one.op === 'number') return Number(one.value !== 0) === absorbing ? number(absorbing) : truth(other)
    }
  }
  if (same(left, right)) {
    if (op === '==' || op === '<=' || op === '>=') return number(1)
    if (op === '!=' || op === '<' || op === '>' || op === '-') return number(0)
  }
  return undefined
}

/** The value of `left op right`, as the printed JavaScript computes it. */
export function apply(op: BinaryOp, left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '%':
      return left % right
    case '&':
      return left & right
    case '|':
      return left | right
    case '<<':
      return left << right
    case '>>':
      return left >> right
    case '==':
      return Number(left === right)
    case '!=':
      return Number(left !== right)
    case '<':
      return Number(left < right)
    case '<=':
      return Number(left <= right)
    case '>':
      return Number(left > right)
    case '>=':
      return Number(left >= right)
    case '&&':
      return Number(left !== 0 && right !== 0)
    case '||':
      return Number(left !== 0 || right !== 0)
  }
}

function number(value: number | boolean): Expr {
  return { op: 'number', value: Number(value) }
}

function truth(expr: Expr): Expr {
  return isTruth(expr) ? expr : { op: '!=', left: expr, right: number(0) }
}

/** Whether two expressions are written alike. */
export function same(one: Expr, other: Expr): boolean {
  switch (one.op) {
    case 'number':
      return other.op === 'number' && one.value === other.value
    case 'get':
      return other.op === 'get' && one.name === other.name
    case '!':
      return other.op === '!' && same(one.of, other.of)
    case '?':
      return (
        other.op === '?' && same(one.test, other.test) && same(one.yes, other.yes) && same(one.no, other.no)
      )
    default:
      return other.op === one.op && same(one.left, other.left) && same(one.right, other.right)
  }
}

/** The greatest value `expr` can have, given the greatest of each name; Infinity when it may also be negative. */
export function greatest(expr: Expr, ofName: (name: string) => number): number {
  if (expr.op === 'number') return expr.value < 0 ? Number.POSITIVE_INFINITY : expr.value
  if (expr.op === 'get') return ofName(expr.name)
  if (expr.op === '?') return Math.max(greatest(expr.yes, ofName), greatest(expr.no, ofName))
  if (expr.op === '!' || isTruth(expr)) return 1
  const [left, right] = [greatest(expr.left, ofName), greatest(expr.right, ofName)]
  switch (expr.op) {
    case '+':
      return left + right
    case '-':
      return least(expr.left) >= right ? left : Number.POSITIVE_INFINITY
    case '*':
      return left === 0 || right === 0 ? 0 : left * right
    case '<<':
      return right < 31 && left * 2 ** right < 2 ** 31 ? left * 2 ** right : Number.POSITIVE_INFINITY
    case '&':
      return Math.min(left, right)
    case '>>':
      return left
    case '|':
      return left < 2 ** 30 && right < 2 ** 30
        ? 2 ** (32 - Math.clz32(left | right)) - 1
        : Number.POSITIVE_INFINITY
    case '%':
      return expr.right.op === 'number' && left < Number.POSITIVE_INFINITY ? Math.min(left, right - 1) : left
    default:
      return Number.POSITIVE_INFINITY
  }
}

/** A value that `expr` is not below if it cannot be negative. */
function least(expr: Expr): number {
  if (expr.op === 'number') return expr.value
  return expr.op === '+' ? least(expr.left) + least(expr.right) : 0
}
