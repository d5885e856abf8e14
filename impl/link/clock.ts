/** Time as links see it, virtual or real: what time it is, and something done later. */
export interface Clock {
  /** Milliseconds from any beginning. */
  readonly now: number
  /** Runs once when the time has come; those of one time in the order in which they were given. Never before it returns. */
  at(timeMs: number, run: () => void): void
}
