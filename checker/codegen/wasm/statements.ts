import type { Expr, Stmt } from '../../ir/ir.ts'
import type { Code } from './code.ts'
import * as wasm from './code.ts'
import { type ExprContext, isPrintedWide, printInteger, printTest } from './expressions.ts'

export type Condition = Extract<Stmt, { do: 'if' }>

/** Prints what statements refer to, as WebAssembly. */
export interface Vocabulary extends ExprContext {
  /** Returns the code that stores the value of an expression into `name`. */
  readonly store: (name: string, from: Expr) => Code
  /** Returns the code that counts coverage point `point`. */
  readonly cover: (point: number) => Code
  readonly emit: (effect: string) => Code
  /** Returns the call that does the same as a condition, if the condition is repeated. */
  readonly repeated?: (stmt: Condition) => Code | undefined
  /** Called before and after each list of statements is printed. */
  readonly enter: (body: readonly Stmt[]) => void
  readonly leave: (body: readonly Stmt[]) => void
}

/** A `switch` becomes a jump table if the table has at most this many entries for each case. */
const SPARSE = 4

/** Returns the code for `body`. */
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

/**
 * Prints a jump table if the values of the cases lie close together; otherwise one comparison after the other.
 */
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
