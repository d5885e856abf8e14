/** What statements return, when only the running step knows which of them does. */

import { get, number } from '../ir/expression.ts'
import type { Expr } from '../ir/ir.ts'
import { must } from '../text/at.ts'
import type { Evaluator } from './evaluate.ts'
import { dynamic, type Value } from './value.ts'

/** Whether statements returned, and what. */
export interface Outcome {
  /** `flag`: a local that is 1 where they have. `sometimes`: nobody asks where. */
  readonly returned: 'always' | 'never' | 'sometimes' | { readonly flag: string }
  readonly value: Value
  /** Whether some way returns nothing. */
  readonly isBare: boolean
}

export const GOES_ON: Outcome = { returned: 'never', value: undefined, isBare: false }

export const returnOf = (value: Value): Outcome => ({
  returned: 'always',
  value,
  isBare: value === undefined,
})

/** Gathers what the ways through a statement return. */
export class Returning {
  readonly #e: Evaluator
  readonly #outer: boolean
  #result: string | undefined
  #flag: string | undefined
  #isBare = false
  /** Whether some way may have returned before the others were gone on with. */
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

  /** From here on it is kept which way has returned; the result tells so. */
  track(): Expr {
    this.#begin()
    this.#e.tracksReturns = true
    return get(must(this.#flag, 'a flag'))
  }

  /** What is noted next is what those ways return that have not returned so far. */
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
      this.#result ??= e.fresh('result')
      e.set(this.#result, e.expr(value, 'a returned value'))
    }
    if (this.#flag === undefined || returned === 'never' || returned === 'sometimes') return
    e.set(this.#flag, returned === 'always' ? number(1) : get(returned.flag))
  }

  get outcome(): Outcome {
    const value = this.#result === undefined ? undefined : dynamic(get(this.#result))
    const [only] = this.#seen
    const isOne = this.#seen.size === 1 && (only === 'always' || (only === 'never' && !this.#isSplit))
    const flag = this.#outer ? { flag: must(this.#flag, 'a flag') } : 'sometimes'
    return { returned: isOne ? only : flag, value, isBare: this.#isBare }
  }
}
