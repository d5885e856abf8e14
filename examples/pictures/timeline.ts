import { at, must } from '../../checker/text/at.ts'
/** Amounts of several series over time: what pictures are drawn from. */

export interface Series {
  readonly name: string
  /** One for each slot of time. */
  readonly amounts: readonly number[]
}

export interface Slots {
  readonly series: readonly Series[]
  readonly slotMs: number
}

interface Noted {
  readonly name: string
  readonly fromMs: number
  readonly toMs: number
  readonly amount: number
}

export class Timeline {
  readonly #names: readonly string[]
  readonly #now: () => number
  readonly #beganMs: number
  readonly #noted: Noted[] = []

  /** Time counts from now. `now` is in milliseconds. */
  constructor(names: readonly string[], now: () => number) {
    this.#names = names
    this.#now = now
    this.#beganMs = now()
  }

  /** Since it began. */
  get nowMs(): number {
    return this.#now() - this.#beganMs
  }

  /** The number of additions. */
  get count(): number {
    return this.#noted.length
  }

  add(name: string, amount = 1): void {
    this.#noted.push({ name, fromMs: this.nowMs, toMs: this.nowMs, amount })
  }

  /** Adds the seconds between two times. */
  addSpan(name: string, fromMs: number, toMs: number): void {
    this.#noted.push({ name, fromMs, toMs, amount: (toMs - fromMs) / 1000 })
  }

  /** From its beginning to what came last, in `count` slots of the same length. */
  slots(count: number): Slots {
    const slotMs = (this.#noted.reduce((last, { toMs }) => Math.max(last, toMs), 0) + 1) / count
    const series = this.#names.map(name => ({ name, amounts: new Array<number>(count).fill(0) }))
    for (const { name, fromMs, toMs, amount } of this.#noted) {
      const { amounts } = must(series.find(one => one.name === name))
      for (let slot = Math.floor(fromMs / slotMs); slot * slotMs <= toMs; slot++) {
        const within = Math.min(toMs, (slot + 1) * slotMs) - Math.max(fromMs, slot * slotMs)
        amounts[slot] = at(amounts, slot) + (toMs === fromMs ? amount : (amount * within) / (toMs - fromMs))
      }
    }
    return { series, slotMs }
  }
}
