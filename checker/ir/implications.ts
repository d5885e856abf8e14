/**
 * Invariants that say "if this, then that". One whose left side was never true has not been tried, so it is marked: a note
 * stands before the right side, which is evaluated only where the left side was true.
 */
import type { Expr } from './ir.ts'

/** One implication: `unless`, which is the left side's negation, or `then`. */
export interface Implication {
  readonly unless: Expr
  readonly whole: Expr
}

/** `holds` with notes numbered `point` before its right sides; undefined if not all of it is implications. */
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

/** The implications of what {@link markLeft} has made. */
export function implicationsOf(marked: Expr): Implication[] {
  if (marked.op === '&&') return [...implicationsOf(marked.left), ...implicationsOf(marked.right)]
  if (marked.op === '||') return [{ unless: marked.left, whole: marked }]
  if (marked.op !== '?') return []
  const unless: Expr = marked.yes.op === 'note' ? { op: '!', of: marked.test } : marked.test
  return [{ unless, whole: marked }]
}

/** Whether something is noted in `expr`. */
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
