/** The returned values of statements, if only the running step knows which statement returns. */

import { get, number } from '../ir/expression.ts'
import type { Expr } from '../ir/ir.ts'
import { must } from '../text/at.ts'
import type { Evaluator } from './evaluate.ts'
import { dynamic, sortOf, type Value } from './value.ts'

/** Whether statements returned, and the returned value. */
export interface Outcome {
  /** `flag`: a local that is 1 where they have returned. `sometimes`: no code asks where. */
  readonly returned: 'always' | 'never' | 'sometimes' | { readonly flag: string }
  readonly value: Value
  /** Whether some path returns nothing. */
  readonly isBare: boolean
}

export const GOES_ON: Outcome = { returned: 'never', value: undefined, isBare: false }

export const returnOf = (value: Value): Outcome => ({
  returned: 'always',
  value,
  isBare: value === undefined,
})

/** Gathers the returned values of the paths through a statement. */
export class Returning {
  readonly #e: Evaluator
  readonly #outer: boolean
  #result: string | undefined
  readonly #values: Value[] = []
  #flag: string | undefined
  #isBare = false
  /** Whether some path may have returned before the others went on. */
  #isSplit = false
  readonly #seen = new Set<Outcome['returned']>()

  constructor(e: Evaluator) {
    this.#e = e
    this.#outer = e.tracksReturns
    if (this.#outer) this.#begin()
  }

  #begin(): void {
    this.#flag ??= this.#e.local('returned', number(0), false)
  }

  /** Records from here on which path has returned. Returns the expression that tells. */
  track(): Expr {
    this.#begin()
    this.#e.tracksReturns = true
    return get(must(this.#flag, 'a flag'))
  }

  /** Later notes are about the paths that have not returned so far. */
  leave(): void {
    this.#e.tracksReturns = this.#outer
    this.#seen.clear()
    this.#isSplit = true
  }

  note({ returned, value, isBare }: Outcome): void {
    const e = this.#e
    this.#seen.add(returned)
    this.#isBare ||= isBare
    if (value !== undefined) {
      this.#values.push(value)
      this.#result ??= e.fresh('result')
      e.set(this.#result, e.expr(value, 'a returned value'))
    }
    if (this.#flag === undefined || returned === 'never' || returned === 'sometimes') return
    e.set(this.#flag, returned === 'always' ? number(1) : get(returned.flag))
  }

  get outcome(): Outcome {
    const value = this.#result === undefined ? undefined : dynamic(get(this.#result), sortOf(...this.#values))
    const [only] = this.#seen
    const isOne = this.#seen.size === 1 && (only === 'always' || (only === 'never' && !this.#isSplit))
    const flag = this.#outer ? { flag: must(this.#flag, 'a flag') } : 'sometimes'
    return { returned: isOne ? only : flag, value, isBare: this.#isBare }
  }
}
