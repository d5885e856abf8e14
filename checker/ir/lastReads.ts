import type { Stmt } from './ir.ts'
import { bodiesOf, valuesOf } from './statement.ts'
import { eachRead } from './uses.ts'

/**
 * Returns for each name that `body` reads the number of the last statement that reads it. Statements are numbered from 1 as
 * they stand, each before those inside it.
 */
export function lastReads(body: readonly Stmt[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>()
  let number = 0
  const note = (name: string) => void last.set(name, number)
  const visit = (list: readonly Stmt[]): void => {
    for (const stmt of list) {
      number++
      for (const value of valuesOf(stmt)) eachRead(value, note)
      for (const inner of bodiesOf(stmt)) visit(inner)
    }
  }
  visit(body)
  return last
}
