/** When rules end: at a time, or when nothing was resolved by them for some time. Takes room only when some do. */
import { Timers } from '../../flows/timers.ts'
import { longer } from './growth.ts'

/** By row: at most how long unused; when last used; when it ends in any case. In ms; Infinity is never. */
const IDLE = 0
const USED = 1
const END = 2
const COLUMNS = 3

export class Deadlines {
  readonly #timers = new Timers()
  #times = new Float64Array(0)

  /** When the next rule may end; Infinity: none does. */
  get next(): number {
    return this.#timers.next()
  }

  /** A row's rule ends at `endMs`, or when it was not used for `idleMs`. */
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

  /** The deadline moves when it comes: most uses are followed by others. */
  use(row: number, nowMs: number): void {
    if (this.#timers.size === 0) return
    const at = COLUMNS * row
    if (at < this.#times.length) this.#times[at + USED] = nowMs
  }

  /** The row of a rule that has ended; 0: none has. */
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
