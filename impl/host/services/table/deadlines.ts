/** When rules expire: at a time, or after some time without use. Takes memory only if some rules expire. */
import { Timers } from '../../flows/timers.ts'
import { longer } from './growth.ts'

/** By row: the longest time without use; the last use; the end in any case. In ms; Infinity for never. */
const IDLE = 0
const USED = 1
const END = 2
const COLUMNS = 3

export class Deadlines {
  readonly #timers = new Timers()
  #times = new Float64Array(0)

  /** When the next rule may expire; Infinity if none does. */
  get next(): number {
    return this.#timers.next()
  }

  /** The rule of a row expires at `endMs`, or after `idleMs` without use. */
  set(row: number, idleMs: number, endMs: number, nowMs: number): void {
    if (idleMs === Infinity && endMs === Infinity) {
      this.clear(row)
      return
    }
    const at = COLUMNS * row
    if (at >= this.#times.length) this.#grow(row)
    this.#times[at + IDLE] = idleMs
    this.#times[at + USED] = nowMs
    this.#times[at + END] = endMs
    this.#timers.schedule(row, this.#dueOf(row))
  }

  clear(row: number): void {
    const at = COLUMNS * row
    if (at >= this.#times.length) return
    this.#times.fill(Infinity, at, at + COLUMNS)
    this.#timers.cancel(row)
  }

  /** Moves the deadline only when it is due, because most uses are followed by others. */
  use(row: number, nowMs: number): void {
    if (this.#timers.size === 0) return
    const at = COLUMNS * row
    if (at < this.#times.length) this.#times[at + USED] = nowMs
  }

  /** Returns the row of an expired rule, or 0. */
  due(nowMs: number): number {
    for (let row = this.#timers.due(nowMs); row >= 0; row = this.#timers.due(nowMs)) {
      const dueMs = this.#dueOf(row)
      if (dueMs <= nowMs) return row
      this.#timers.schedule(row, dueMs)
    }
    return 0
  }

  idleMsOf(row: number): number {
    return this.#times[COLUMNS * row + IDLE] ?? Infinity
  }

  endMsOf(row: number): number {
    return this.#times[COLUMNS * row + END] ?? Infinity
  }

  #dueOf(row: number): number {
    const at = COLUMNS * row
    return Math.min(
      this.#times[at + END] as number,
      (this.#times[at + USED] as number) + (this.#times[at + IDLE] as number),
    )
  }

  #grow(row: number): void {
    const old = this.#times.length
    this.#times = longer(this.#times, COLUMNS * 2 ** Math.ceil(Math.log2(row + 1)))
    this.#times.fill(Infinity, old)
  }
}
