/**
 * When evaluating an expression rejects a value, as an expression: for printers whose expressions cannot reject
 * one.
 */
import { any, binary, choose, mayTrap, not, number } from './expression.ts'
import type { Checked, Expr } from './ir.ts'

/** Returns an expression that is true where evaluating `e` rejects a value. */
export function trapOf(e: Expr): Expr {
  switch (e.op) {
    case 'number':
    case 'get':
      return number(0)
    case '!':
    case 'note':
      return trapOf(e.of)
    case 'check':
      return binary('||', trapOf(e.of), rejected(e))
    case '?':
      return binary('||', trapOf(e.test), choose(e.test, trapOf(e.yes), trapOf(e.no)))
    case '&&':
      return binary('||', trapOf(e.left), binary('&&', e.left, trapOf(e.right)))
    case '||':
      return binary('||', trapOf(e.left), binary('&&', not(e.left), trapOf(e.right)))
    default:
      return binary('||', trapOf(e.left), trapOf(e.right))
  }
}

function rejected({ kind, of, least, most }: Checked): Expr {
  if (kind === 'remainder') return binary('==', of, number(0))
  return any([binary('<', of, number(least)), binary('>', of, number(most))])
}

/** Returns a predicate that is also false where `e` rejects a value. */
export const heldWithoutTrap = (e: Expr): Expr => (mayTrap(e) ? binary('&&', not(trapOf(e)), e) : e)
