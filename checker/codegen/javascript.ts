import type { Expr, Stmt } from '../ir/ir.ts'
import { type ExprVocabulary, printNumber, printTruth } from '../ir/print.ts'

/** Prints what statements refer to, as JavaScript. */
export interface Vocabulary extends ExprVocabulary {
  /** Returns the statement that stores `value`, which is JavaScript printed from `from`, into `name`. */
  store(name: string, value: string, from: Expr): string
  /** Returns the statement that counts coverage point `point`, or an empty text to keep no coverage. */
  cover(point: number): string
  /** Returns the statement that performs an effect. Its arguments are JavaScript. */
  emit(effect: string, args: readonly { readonly name: string; readonly value: string }[]): string
  /**
   * Returns the text of a list of statements from the text of each. Without this function the texts are joined.
   */
  sequence?(body: readonly Stmt[], texts: readonly string[]): string
}

/** Prints `body` as JavaScript statements, each line indented by `indent`. */
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
