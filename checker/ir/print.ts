import type { Checked, Expr } from './ir.ts'

/**
 * Prints expressions as JavaScript, for generated programs and for messages. Values are integers everywhere: a truth value
 * that is used as a number prints as 1 or 0, and a number that is tested prints as a comparison with 0, so that engines
 * see one representation.
 */

/** Prints what an expression refers to. */
export interface ExprVocabulary {
  /** Returns the JavaScript expression that reads `name`. */
  read(name: string): string
  /** Returns the JavaScript expression for a check; `value` is the expression that it checks. */
  check(check: Checked, value: string): string
}

/** Prints `expr` as an integer. */
export function printNumber(expr: Expr, words: ExprVocabulary): string {
  switch (expr.op) {
    case 'number':
      return expr.value < 0 ? `(${expr.value})` : String(expr.value)
    case 'get':
      return words.read(expr.name)
    case 'check':
      return words.check(expr, printNumber(expr.of, words))
    case 'note':
      return printNumber(expr.of, words)
    case '?':
      return `(${printTruth(expr.test, words)} ? ${printNumber(expr.yes, words)} : ${printNumber(expr.no, words)})`
    case '!':
      return `(${printTruth(expr, words)} ? 1 : 0)`
    default:
      if (hasTruthOperator(expr)) return `(${printTruth(expr, words)} ? 1 : 0)`
      return `(${printNumber(expr.left, words)} ${expr.op} ${printNumber(expr.right, words)})`
  }
}

/** Prints `expr` as a boolean. */
export function printTruth(expr: Expr, words: ExprVocabulary): string {
  switch (expr.op) {
    case 'number':
      return expr.value === 0 ? 'false' : 'true'
    case 'note':
      return printTruth(expr.of, words)
    case '!':
      return `!${printTruth(expr.of, words)}`
    case '?':
      return `(${printTruth(expr.test, words)} ? ${printTruth(expr.yes, words)} : ${printTruth(expr.no, words)})`
    case '&&':
    case '||':
      return `(${printTruth(expr.left, words)} ${expr.op} ${printTruth(expr.right, words)})`
    case '==':
    case '!=':
      return `(${printNumber(expr.left, words)} ${expr.op}= ${printNumber(expr.right, words)})`
    case '<':
    case '<=':
    case '>':
    case '>=':
      return `(${printNumber(expr.left, words)} ${expr.op} ${printNumber(expr.right, words)})`
    default:
      return `(${printNumber(expr, words)} !== 0)`
  }
}

const TRUTHS: ReadonlySet<string> = new Set(['!', '==', '!=', '<', '<=', '>', '>=', '&&', '||'])

/** Reports whether the operator of `expr` gives only 0 or 1. */
export function hasTruthOperator(expr: Expr): boolean {
  return TRUTHS.has(expr.op)
}
