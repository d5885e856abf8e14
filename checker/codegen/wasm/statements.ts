import type { Expr, Stmt } from '../../ir/ir.ts'
import type { Code } from './code.ts'
import * as wasm from './code.ts'
import { type ExprContext, isPrintedWide, printInteger, printTest } from './expressions.ts'

export type Condition = Extract<Stmt, { do: 'if' }>

/** Decides what the names of the intermediate form are in the code that is printed. */
export interface Vocabulary extends ExprContext {
  /** The code that stores the value of an expression into `name`. */
  readonly store: (name: string, from: Expr) => Code
  /** The code that notes coverage point `point`. */
  readonly cover: (point: number) => Code
  readonly emit: (effect: string) => Code
  /** The call that does what a condition does, if it is repeated. */
  readonly repeated?: (stmt: Condition) => Code | undefined
  /** Called around the printing of each list of statements. */
  readonly enter: (body: readonly Stmt[]) => void
  readonly leave: (body: readonly Stmt[]) => void
}

/** Entries of a table of jumps for each case, up to which there is one. */
const SPARSE = 4

/** The code for `body`. */
export function printStatements(body: readonly Stmt[], words: Vocabulary): Code {
  words.enter(body)
  const code = body.map(stmt => printStatement(stmt, words))
  words.leave(body)
  return code
}

function printStatement(stmt: Stmt, words: Vocabulary): Code {
  switch (stmt.do) {
    case 'set':
      return words.store(stmt.name, stmt.value)
    case 'cover':
      return words.cover(stmt.point)
    case 'emit':
      return words.emit(stmt.effect)
    case 'if': {
      const call = words.repeated?.(stmt)
      if (call !== undefined) return call
      const no = stmt.no.length === 0 ? wasm.NOTHING : printStatements(stmt.no, words)
      return wasm.when(printTest(stmt.test, words), printStatements(stmt.yes, words), no)
    }
    case 'switch':
      return printSwitch(stmt, words)
  }
}

/** A table of jumps if the values of the cases lie close together, else one comparison after the other. */
function printSwitch(stmt: Extract<Stmt, { do: 'switch' }>, words: Vocabulary): Code {
  const { on, cases, otherwise } = stmt
  const values = cases.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const last = () => printStatements(otherwise, words)
  if (cases.length === 0 || most - least >= SPARSE * cases.length || isPrintedWide(on)) {
    const equals = (value: number): Expr => ({
      op: '==',
      left: on,
      right: { op: 'number', value },
    })
    return cases.reduceRight<() => Code>(
      (rest, { value, body }) =>
        () =>
          wasm.when(printTest(equals(value), words), printStatements(body, words), rest()),
      last,
    )()
  }
  const depths = Array.from({ length: most - least + 1 }, (_, index) => {
    const found = values.indexOf(least + index)
    return found < 0 ? cases.length : found
  })
  const jump = wasm.exitBy(wasm.sub(printInteger(on, words), wasm.constant(least)), depths, cases.length)
  const before = cases.reduce<Code>(
    (code, { body }, index) => [
      wasm.block(code),
      printStatements(body, words),
      wasm.exit(cases.length - index),
    ],
    jump,
  )
  return wasm.block([wasm.block(before), last()])
}
