import type { Checked, Expr, Stmt } from '../ir/ir.ts'

/**
 * Prints the intermediate form as JavaScript. Values are integers everywhere: a truth value that is used as a number
 * is printed as 1 or 0, a number that is tested is compared with 0, so that engines see one representation.
 */

/** Decides what the names of expressions are in the program that is printed. */
export interface Words {
  /** The JavaScript expression that reads `name`. */
  read(name: string): string
  /** The JavaScript expression for the value of a check; `value` is that of what it checks. */
  check(check: Checked, value: string): string
}

/** Decides what the names of the intermediate form are in the program that is printed. */
export interface Vocabulary extends Words {
  /** The statement that stores `value` (JavaScript, printed from `from`) into `name`. */
  store(name: string, value: string, from: Expr): string
  /** The statement that notes coverage point `point`; empty when coverage is not kept. */
  cover(point: number): string
  /** The statement that performs an effect whose arguments are printed already. */
  emit(effect: string, args: readonly { readonly name: string; readonly value: string }[]): string
  /** The text of a list of statements, given that of each; unless there is this, they are joined. */
  sequence?(body: readonly Stmt[], texts: readonly string[]): string
}

/** The JavaScript expression for `expr` as an integer. */
export function printNumber(expr: Expr, words: Words): string {
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
      if (isTruth(expr)) return `(${printTruth(expr, words)} ? 1 : 0)`
      return `(${printNumber(expr.left, words)} ${expr.op} ${printNumber(expr.right, words)})`
  }
}

/** The JavaScript expression for `expr` as a boolean. */
export function printTruth(expr: Expr, words: Words): string {
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

/** The JavaScript statements for `body`, each line indented by `indent`. */
export function printStatements(body: readonly Stmt[], words: Vocabulary, indent = ''): string {
  const texts = body.map(stmt => printStatement(stmt, words, indent))
  return words.sequence?.(body, texts) ?? texts.join('')
}

function printStatement(stmt: Stmt, words: Vocabulary, indent: string): string {
  const block = (body: readonly Stmt[]) => printStatements(body, words, `${indent}  `)
  const line = (text: string) => (text === '' ? '' : `${indent}${text}\n`)
  switch (stmt.do) {
    case 'set':
      return line(words.store(stmt.name, printNumber(stmt.value, words), stmt.value))
    case 'cover':
      return line(words.cover(stmt.point))
    case 'emit':
      return line(
        words.emit(
          stmt.effect,
          stmt.args.map(arg => ({ name: arg.name, value: printNumber(arg.value, words) })),
        ),
      )
    case 'if': {
      const no = stmt.no.length === 0 ? '' : ` else {\n${block(stmt.no)}${indent}}`
      return line(`if (${printTruth(stmt.test, words)}) {\n${block(stmt.yes)}${indent}}${no}`)
    }
    case 'switch': {
      const cases = stmt.cases.map(
        ({ value, body }) => `${indent}case ${value}: {\n${block(body)}${indent}  break\n${indent}}\n`,
      )
      const otherwise = `${indent}default: {\n${block(stmt.otherwise)}${indent}}\n`
      return line(`switch (${printNumber(stmt.on, words)}) {\n${cases.join('')}${otherwise}${indent}}`)
    }
  }
}

const TRUTHS: ReadonlySet<string> = new Set(['!', '==', '!=', '<', '<=', '>', '>=', '&&', '||'])

/** Whether `expr` can only be 0 or 1, because of its operator. */
export function isTruth(expr: Expr): boolean {
  return TRUTHS.has(expr.op)
}
