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
  readonly atMs: number
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

  /** How often something was added. */
  get count(): number {
    return this.#noted.length
  }

  add(name: string, amount = 1): void {
    this.#noted.push({ name, atMs: this.nowMs, amount })
  }

  /** From its beginning to what came last, in `count` slots of the same length. */
  slots(count: number): Slots {
    const slotMs = Math.max(1, (this.#noted.at(-1)?.atMs ?? 0) + 1) / count
    const series = this.#names.map(name => ({ name, amounts: new Array<number>(count).fill(0) }))
    for (const { name, atMs, amount } of this.#noted) {
      const one = series.find(each => each.name === name)
      if (one !== undefined) one.amounts[Math.floor(atMs / slotMs)]! += amount
    }
    return { series, slotMs }
  }
}
