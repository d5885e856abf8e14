/**
 * A token bucket: bursts up to its size, and a rate in the long run. It counts thousandths of tokens, which whole
 * milliseconds and rates fill without rounding.
 *
 * If one bucket serves all strangers, each can infer from its own answers how many others got, and thereby what exists
 * here (CVE-2016-5696, CVE-2020-25705). In that case give `cost` a random part.
 */
const THOUSAND = 1000

export class RateLimit {
  readonly #perSecond: number
  readonly #thousandthsLimit: number
  #thousandths = 0
  #filledMs = Number.NEGATIVE_INFINITY

  /** `perSecond` in the long run, `burst` at once; it begins full. Throws a RangeError if nothing could ever pass. */
  constructor(perSecond: number, burst: number) {
    if (!(perSecond > 0 && burst >= 1))
      throw new RangeError(
        `${perSecond} per second in bursts of ${burst} lets nothing pass: give at least a burst of 1`,
      )
    this.#perSecond = perSecond
    this.#thousandthsLimit = THOUSAND * burst
  }

  /** Takes `cost` tokens if there are enough. A `nowMs` that goes back adds none. */
  take(nowMs: number, cost = 1): boolean {
    if (!this.has(nowMs, cost)) return false
    this.#thousandths -= THOUSAND * cost
    return true
  }

  /** True if there are enough tokens to take `cost`. */
  has(nowMs: number, cost = 1): boolean {
    if (nowMs > this.#filledMs) {
      const filled = this.#thousandths + (nowMs - this.#filledMs) * this.#perSecond
      this.#thousandths = Math.min(filled, this.#thousandthsLimit)
      this.#filledMs = nowMs
    }
    return this.#thousandths >= THOUSAND * cost
  }
}
