/** The rate of what a flow delivers, over the last whole interval. */
const INTERVAL_MS = 1000

export class Goodput {
  #bytes = 0
  #sinceMs = Number.NaN
  #rate = 0

  /** `bytes` were acknowledged. */
  add(bytes: number, nowMs: number): void {
    this.#turn(nowMs)
    this.#bytes += bytes
  }

  /** Returns bits per second. */
  at(nowMs: number): number {
    this.#turn(nowMs)
    return this.#rate
  }

  #turn(nowMs: number): void {
    if (!(nowMs - this.#sinceMs < INTERVAL_MS)) {
      const elapsedMs = nowMs - this.#sinceMs
      this.#rate = elapsedMs < 2 * INTERVAL_MS ? (8000 * this.#bytes) / elapsedMs : 0
      this.#bytes = 0
      this.#sinceMs = nowMs
    }
  }
}
