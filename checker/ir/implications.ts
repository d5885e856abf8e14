/**
 * Invariants of the form "if this, then that". If the left side was never true, the invariant has not been
 * tried. A note therefore stands before the right side, which is evaluated only where the left side is true.
 */
import type { Expr } from './ir.ts'

/** One implication: `unless`, the negation of the left side, or `then`. */
export interface Implication {
  readonly unless: Expr
  readonly whole: Expr
}

/**
 * Puts notes numbered `point` before the right sides of `holds`. Returns undefined if some part of it is no
 * implication.
 */
export function markLeft(holds: Expr, point: number): Expr | undefined {
  switch (holds.op) {
    case '&&': {
      const [left, right] = [markLeft(holds.left, point), markLeft(holds.right, point)]
      return left && right && { ...holds, left, right }
    }
    case '||':
      return { ...holds, right: { op: 'note', of: holds.right, point } }
    case '?':
      if (isTrue(holds.no)) return { ...holds, yes: { op: 'note', of: holds.yes, point } }
      return isTrue(holds.yes) ? { ...holds, no: { op: 'note', of: holds.no, point } } : undefined
    default:
      return undefined
  }
}

/** Returns the implications of an expression that {@link markLeft} has made. */
export function implicationsOf(marked: Expr): Implication[] {
  if (marked.op === '&&') return [...implicationsOf(marked.left), ...implicationsOf(marked.right)]
  if (marked.op === '||') return [{ unless: marked.left, whole: marked }]
  if (marked.op !== '?') return []
  const unless: Expr = marked.yes.op === 'note' ? { op: '!', of: marked.test } : marked.test
  return [{ unless, whole: marked }]
}

/** Reports whether `expr` has a note. */
export function notes(expr: Expr): boolean {
  switch (expr.op) {
    case 'number':
    case 'get':
      return false
    case 'note':
      return true
    case '!':
    case 'check':
      return notes(expr.of)
    case '?':
      return notes(expr.test) || notes(expr.yes) || notes(expr.no)
    default:
      return notes(expr.left) || notes(expr.right)
  }
}

const isTrue = (expr: Expr): boolean => expr.op === 'number' && expr.value !== 0
