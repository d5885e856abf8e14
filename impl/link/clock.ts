/** Time as links see it, virtual or real: the current time, and a way to run something later. */
export interface Clock {
  /** Milliseconds since an arbitrary origin. */
  readonly now: number
  /** Runs a function once at this time, never before `at` returns. Functions of one time run in order of insertion. */
  at(timeMs: number, run: () => void): void
}
