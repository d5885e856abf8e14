import type { Expr, Stmt } from '../ir/ir.ts'
import { type ExprVocabulary, printNumber, printTruth } from '../ir/print.ts'

/** Prints what statements refer to, as JavaScript. */
export interface Vocabulary extends ExprVocabulary {
  /** The statement that stores `value` (JavaScript, printed from `from`) into `name`. */
  store(name: string, value: string, from: Expr): string
  /** The statement that notes coverage point `point`; empty when coverage is not kept. */
  cover(point: number): string
  /** The statement that performs an effect whose arguments are printed already. */
  emit(effect: string, args: readonly { readonly name: string; readonly value: string }[]): string
  /** The text of a list of statements, given that of each; unless there is this, they are joined. */
  sequence?(body: readonly Stmt[], texts: readonly string[]): string
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
