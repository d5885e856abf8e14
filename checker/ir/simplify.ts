import { mayTrap } from './expression.ts'
import type { BinaryOp, Checked, Expr } from './ir.ts'
import { hasTruthOperator } from './print.ts'

/**
 * Replaces names by their values, as far as `known` gives them, and folds what follows. A step invariant often
 * shrinks to 1 in a rule that does not touch what it reads. Unchanged parts stay the same objects.
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
    case 'check': {
      const of = simplify(expr.of, known)
      if (of.op === 'number' && passes(expr, of.value)) return of
      return of === expr.of ? expr : { ...expr, of }
    }
    case 'note': {
      const of = simplify(expr.of, known)
      if (of.op === 'number') return of
      return of === expr.of ? expr : { ...expr, of }
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
        (left === expr.left && right === expr.right ? expr : { ...expr, left, right })
      )
    }
  }
}

/** Returns `left op right` if it needs no operation, or one less. */
function folded(op: BinaryOp, left: Expr, right: Expr): Expr | undefined {
  if (left.op === 'number' && right.op === 'number') return number(apply(op, left.value, right.value))
  if (op === '&&' || op === '||') {
    const absorbing = op === '&&' ? 0 : 1
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      if (one.op !== 'number') continue
      if (Number(one.value !== 0) !== absorbing) return truth(other)
      // The right side is not evaluated where the left side decides. The left side always is.
      if (one === left || !mayTrap(left)) return number(absorbing)
    }
  }
  if (same(left, right) && !mayTrap(left)) {
    if (op === '==' || op === '<=' || op === '>=') return number(1)
    if (op === '!=' || op === '<' || op === '>' || op === '-') return number(0)
  }
  return undefined
}

/** Reports whether a checked value is within its limits. */
export function passes({ kind, least, most }: Checked, value: number): boolean {
  return value >= least && value <= most && (kind !== 'remainder' || value !== 0)
}

/** Computes `left op right` as the printed JavaScript does. */
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
  return hasTruthOperator(expr) ? expr : { op: '!=', left: expr, right: number(0) }
}

/** Reports whether two expressions are equal as texts. */
export function same(one: Expr, other: Expr): boolean {
  switch (one.op) {
    case 'number':
      return other.op === 'number' && one.value === other.value
    case 'get':
      return other.op === 'get' && one.name === other.name
    case '!':
      return other.op === '!' && same(one.of, other.of)
    case 'check':
      return (
        other.op === 'check' &&
        one.kind === other.kind &&
        one.least === other.least &&
        one.most === other.most &&
        one.source === other.source &&
        same(one.of, other.of)
      )
    case 'note':
      return other.op === 'note' && one.point === other.point && same(one.of, other.of)
    case '?':
      return (
        other.op === '?' && same(one.test, other.test) && same(one.yes, other.yes) && same(one.no, other.no)
      )
    default:
      return (
        other.op === one.op &&
        one.wide === other.wide &&
        same(one.left, other.left) &&
        same(one.right, other.right)
      )
  }
}
