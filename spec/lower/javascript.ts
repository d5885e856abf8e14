import type { Expr, Stmt } from './ir.ts'

/**
 * Prints the intermediate form as JavaScript. Values are integers everywhere: a truth value that is used as a number
 * is printed as 1 or 0, a number that is tested is compared with 0, so that engines see one representation.
 */

/** Decides what the names of the intermediate form are in the program that is printed. */
export interface Vocabulary {
  /** The JavaScript expression that reads `name`. */
  read(name: string): string
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
export function printNumber(expr: Expr, read: Vocabulary['read']): string {
  switch (expr.op) {
    case 'number':
      return expr.value < 0 ? `(${expr.value})` : String(expr.value)
    case 'get':
      return read(expr.name)
    case '?':
      return `(${printTruth(expr.test, read)} ? ${printNumber(expr.yes, read)} : ${printNumber(expr.no, read)})`
    case '!':
      return `(${printTruth(expr, read)} ? 1 : 0)`
    default:
      if (isTruth(expr)) return `(${printTruth(expr, read)} ? 1 : 0)`
      return `(${printNumber(expr.left, read)} ${expr.op} ${printNumber(expr.right, read)})`
  }
}

/** The JavaScript expression for `expr` as a boolean. */
export function printTruth(expr: Expr, read: Vocabulary['read']): string {
  switch (expr.op) {
    case 'number':
      return expr.value === 0 ? 'false' : 'true'
    case '!':
      return `!${printTruth(expr.of, read)}`
    case '?':
      return `(${printTruth(expr.test, read)} ? ${printTruth(expr.yes, read)} : ${printTruth(expr.no, read)})`
    case '&&':
    case '||':
      return `(${printTruth(expr.left, read)} ${expr.op} ${printTruth(expr.right, read)})`
    case '==':
    case '!=':
      return `(${printNumber(expr.left, read)} ${expr.op}= ${printNumber(expr.right, read)})`
    case '<':
    case '<=':
    case '>':
    case '>=':
      return `(${printNumber(expr.left, read)} ${expr.op} ${printNumber(expr.right, read)})`
    default:
      return `(${printNumber(expr, read)} !== 0)`
  }
}

/** The JavaScript statements for `body`, each line indented by `indent`. */
export function printStatements(body: readonly Stmt[], words: Vocabulary, indent = ''): string {
  const texts = body.map(stmt => printStatement(stmt, words, indent))
  return words.sequence?.(body, texts) ?? texts.join('')
}

function printStatement(stmt: Stmt, words: Vocabulary, indent: string): string {
  const read = (name: string) => words.read(name)
  const block = (body: readonly Stmt[]) => printStatements(body, words, `${indent}  `)
  const line = (text: string) => (text === '' ? '' : `${indent}${text}\n`)
  switch (stmt.do) {
    case 'set':
      return line(words.store(stmt.name, printNumber(stmt.value, read), stmt.value))
    case 'cover':
      return line(words.cover(stmt.point))
    case 'emit':
      return line(
        words.emit(
          stmt.effect,
          stmt.args.map(arg => ({ name: arg.name, value: printNumber(arg.value, read) })),
        ),
      )
    case 'if': {
      const no = stmt.no.length === 0 ? '' : ` else {\n${block(stmt.no)}${indent}}`
      return line(`if (${printTruth(stmt.test, read)}) {\n${block(stmt.yes)}${indent}}${no}`)
    }
    case 'switch': {
      const cases = stmt.cases.map(
        ({ value, body }) => `${indent}case ${value}: {\n${block(body)}${indent}  break\n${indent}}\n`,
      )
      const otherwise = `${indent}default: {\n${block(stmt.otherwise)}${indent}}\n`
      return line(`switch (${printNumber(stmt.on, read)}) {\n${cases.join('')}${otherwise}${indent}}`)
    }
  }
}

const TRUTHS: ReadonlySet<string> = new Set(['!', '==', '!=', '<', '<=', '>', '>=', '&&', '||'])

/** Whether `expr` can only be 0 or 1, because of its operator. */
export function isTruth(expr: Expr): boolean {
  return TRUTHS.has(expr.op)
}
