/**
 * A token bucket: bursts up to its size, and a rate in the long run. It holds one number, the time at which it will be
 * full again (the virtual scheduling of ITU-T I.371), so nothing drifts and nothing has to be refilled.
 */
export class RateLimit {
  readonly #intervalMs: number
  readonly #burst: number
  #fullAtMs = -Infinity

  /** `perSecond` in the long run, `burst` at once. */
  constructor(perSecond: number, burst: number) {
    this.#intervalMs = 1000 / perSecond
    this.#burst = burst
  }

  /** Takes `cost` tokens if there are so many. `nowMs` never goes back. */
  take(nowMs: number, cost = 1): boolean {
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + cost * this.#intervalMs
    if (fullAtMs - nowMs > this.#burst * this.#intervalMs) return false
    this.#fullAtMs = fullAtMs
    return true
  }
}
