/**
 * The clocks of one host. Its monotonic clock, by which timers run, may be fast or slow, and may leap forward while the host is
 * suspended. Its wall clock may jump in both directions. Times in ms; the network's time is the true one.
 */

/** Time passes between a timer's deadline and the time at which it runs, so that no rounding keeps it from being due. */
const LEAST_MS = 1e-6

export class HostClock {
  #rate = 1
  /** The network's time at which the rate began, and the host's. */
  #trueMs = 0
  #hostMs = 0
  /** How far the wall clock is ahead. */
  #aheadMs = 0
  /** A defect: the host takes the wall clock for its timers. */
  isWall = false

  /** Returns the time by which the host's timers run. */
  at(trueMs: number): number {
    return this.#hostMs + (trueMs - this.#trueMs) * this.#rate + (this.isWall ? this.#aheadMs : 0)
  }

  /** Returns when the host's clock shows this time. */
  when(hostMs: number): number {
    if (this.#isTrue) return hostMs
    const ownMs = hostMs - (this.isWall ? this.#aheadMs : 0)
    return this.#trueMs + (ownMs - this.#hostMs) / this.#rate + LEAST_MS
  }

  /** From now on the clock is fast or slow, by so many millionths. */
  skew(trueMs: number, ppm: number): void {
    this.#begin(trueMs)
    this.#rate = 1 + ppm / 1e6
  }

  /** The clock did not run while the host was suspended. */
  stopped(trueMs: number, ms: number): void {
    this.#begin(trueMs)
    this.#hostMs -= ms * this.#rate
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): void {
    this.#aheadMs += ms
  }

  get #isTrue(): boolean {
    return this.#rate === 1 && this.#trueMs === this.#hostMs && !this.isWall
  }

  #begin(trueMs: number): void {
    this.#hostMs += (trueMs - this.#trueMs) * this.#rate
    this.#trueMs = trueMs
  }
}
