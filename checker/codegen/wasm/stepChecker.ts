import type { Expr } from '../../ir/ir.ts'
import { simplify } from '../../ir/simplify.ts'
import { readsOf } from '../../ir/uses.ts'
import { at } from '../../text/at.ts'
import { TRAPPED } from '../checks.ts'
import type { Names } from '../names.ts'
import type { Layout } from '../packing.ts'
import type { StepCheck } from '../stepChecks.ts'
import { noteLeft, type Space } from './arena.ts'
import type { Code, Local, Region } from './code.ts'
import * as wasm from './code.ts'
import { type ExprContext, printTest, type Read, Temporary } from './expressions.ts'
import type { Module } from './module.ts'
import { extract, type StateWords } from './words.ts'

/** A function that evaluates checks after a step. */
export interface StepChecker {
  /**
   * Its parameters are the state's number, the addresses of its words and of its successor, the rule's number,
   * and then `cells`.
   */
  readonly index: number
  /** The scratch cells whose values it takes. */
  readonly cells: readonly string[]
}

/** Prints the functions that evaluate step checks: one for all rules with the same list of checks. */
export class StepCheckers {
  readonly #module: Module
  readonly #space: Space
  readonly #layout: Layout
  readonly #words: StateWords
  readonly #names: Names
  readonly #hit: number
  readonly #made = new Map<readonly StepCheck[], StepChecker>()

  constructor(module: Module, space: Space, layout: Layout, words: StateWords, names: Names, hit: number) {
    this.#module = module
    this.#space = space
    this.#layout = layout
    this.#words = words
    this.#names = names
    this.#hit = hit
  }

  of(found: readonly StepCheck[]): StepChecker {
    const known = this.#made.get(found)
    if (known) return known
    const reads = readsOf(...found.map(({ expr }) => expr))
    const cells = [...reads].filter(name => this.#names.meaning(name).kind === 'scratch')
    const index = this.#module.define(4 + cells.length, 0, (locals, params) => {
      const [s, b, o, rule, ...given] = params as [Local, Local, Local, Local, ...Local[]]
      // Nearly every check reads several variables, and the same ones as others: load each word once.
      const [was, is] = [new Map<number, Local>(), new Map<number, Local>()]
      const { states, batch } = this.#space
      const read: Read = name => {
        const { kind, index } = this.#names.meaning(name)
        if (kind === 'scratch') return wasm.get(at(given, cells.indexOf(name)))
        const words = kind === 'was' ? was : is
        return extract(at(this.#layout.fields, index), word => {
          const local = words.get(word) ?? locals.make()
          words.set(word, local)
          return wasm.get(local)
        })
      }
      const hit = (check: number) => wasm.call(this.#hit, wasm.constant(check), wasm.get(s), wasm.get(rule))
      const words: ExprContext = {
        read,
        temporary: new Temporary(locals),
        trap: hit(TRAPPED),
        note: point => noteLeft(this.#space, point),
      }
      const test = ({ check, expr }: StepCheck) => wasm.when(printTest(expr, words), hit(check))
      const tests = printByCase(found, cells, read, test)
      const loads = (words: ReadonlyMap<number, Local>, region: Region, at: Local) =>
        [...words].map(([word, local]) => wasm.set(local, this.#words.read(region, wasm.get(at), word)))
      return [loads(was, states, b), loads(is, batch, o), tests]
    })
    const made = { index, cells }
    this.#made.set(found, made)
    return made
  }
}

/** From this number of comparisons on, a function reads the value of a cell once. */
const OFTEN = 4

/**
 * Most checks begin with a comparison of the same cell, such as the flow that took a step. The code compares it
 * once: for each value there is code of its own in which the results of the comparisons are known.
 */
function printByCase(
  found: readonly StepCheck[],
  cells: readonly string[],
  read: Read,
  test: (check: StepCheck) => Code,
): Code {
  const asked = cells
    .map(cell => ({ cell, ...comparisons(found, cell) }))
    .filter(({ times, only }) => only && times >= OFTEN)
    .sort((one, other) => other.times - one.times)[0]
  if (!asked) return found.map(test)
  const { cell, values } = asked
  const reads = (check: StepCheck) => readsOf(check.expr).has(cell)
  const known = (value: number): Code =>
    found.filter(reads).map(({ check, expr }) => {
      const left = simplify(expr, name => (name === cell ? { op: 'number', value } : undefined))
      return left.op === 'number' && left.value === 0 ? wasm.NOTHING : test({ check, expr: left })
    })
  // No cell is negative, so -1 is none of the values.
  const cases = values.reduce<Code>(
    (otherwise, value) => wasm.when(wasm.eq(read(cell), wasm.constant(value)), known(value), otherwise),
    known(-1),
  )
  return [found.filter(check => !reads(check)).map(test), cases]
}

/**
 * Returns how often `cell` is compared with a number, the numbers, and whether nothing else is done with it.
 */
function comparisons(found: readonly StepCheck[], cell: string) {
  const values = new Set<number>()
  let [times, others] = [0, 0]
  const visit = (expr: Expr): void => {
    switch (expr.op) {
      case 'number':
        return
      case 'get':
        if (expr.name === cell) others++
        return
      case '!':
      case 'check':
      case 'note':
        visit(expr.of)
        return
      case '?':
        for (const part of [expr.test, expr.yes, expr.no]) visit(part)
        return
      default: {
        const { left, right, op } = expr
        if (
          (op === '==' || op === '!=') &&
          left.op === 'get' &&
          left.name === cell &&
          right.op === 'number'
        ) {
          values.add(right.value)
          times++
          return
        }
        visit(left)
        visit(right)
      }
    }
  }
  for (const { expr } of found) visit(expr)
  return { times, only: others === 0, values: [...values] }
}
