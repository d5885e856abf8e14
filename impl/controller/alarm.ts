/** Calls back at the earliest of many deadlines, with one timer that moves only for an earlier deadline. */

/** The longest wait of Node's timers, ms. */
const MAX_WAIT_MS = 2 ** 31 - 1
/** Deadlines are seconds away; those within this time share one call. */
const LEAST_WAIT_MS = 10

export class Alarm {
  readonly #now: () => number
  readonly #ring: (missedMs: number) => void
  #timer: NodeJS.Timeout | undefined
  #dueMs = Infinity

  /**
   * `ring` gets the time that this process has missed, ms: it was suspended, or its clock was set. Negative if the clock
   * was set back. Node's timers are monotonic, so they fire all the same.
   */
  constructor(now: () => number, ring: (missedMs: number) => void) {
    this.#now = now
    this.#ring = ring
  }

  /** Rings at `dueMs`, or earlier if an earlier time was set. Infinity: never. */
  set(dueMs: number): void {
    if (dueMs >= this.#dueMs) return
    clearTimeout(this.#timer)
    this.#dueMs = dueMs
    const now = this.#now()
    const waitMs = Math.min(Math.max(Math.ceil(dueMs - now), LEAST_WAIT_MS), MAX_WAIT_MS)
    this.#timer = setTimeout(() => {
      this.#dueMs = Infinity
      this.#ring(this.#now() - (now + waitMs))
    }, waitMs).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#dueMs = Infinity
  }
}
