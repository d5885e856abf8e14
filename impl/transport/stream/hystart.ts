/** HyStart++ (RFC 9406): ends slow start when round trips grow longer, before it overflows the path. */

const LEAST_RISE_MS = 4
const MOST_RISE_MS = 16
/** The rise that counts, as a share of the previous round's minimum. */
const RISE = 1 / 8
const SAMPLES = 8
/** Conservative slow start: its share of the normal pace, and its number of rounds. */
const CONSERVATIVE_GROWTH = 1 / 4
const CONSERVATIVE_ROUNDS = 5

const NONE = Number.POSITIVE_INFINITY

export class HyStart {
  /** The current share of slow start's pace. */
  growth = 1
  #roundEnd = -1
  #lastLeastMs = NONE
  #leastMs = NONE
  #samples = 0
  #baselineMs = NONE
  #rounds = 0

  /** Takes a sample in slow start, with the next position to be sent. Returns true if slow start should end. */
  sample(roundTripMs: number, una: number, next: number): boolean {
    if (una >= this.#roundEnd && this.#startRound(next)) return true
    this.#leastMs = Math.min(this.#leastMs, roundTripMs)
    this.#samples++
    if (this.#samples < SAMPLES) return false
    if (this.growth < 1) {
      // The rise was brief: resume the normal pace.
      if (this.#leastMs < this.#baselineMs) this.growth = 1
      return false
    }
    if (this.#lastLeastMs === NONE) return false
    const rise = Math.max(LEAST_RISE_MS, Math.min(this.#lastLeastMs * RISE, MOST_RISE_MS))
    if (this.#leastMs >= this.#lastLeastMs + rise) {
      this.growth = CONSERVATIVE_GROWTH
      this.#baselineMs = this.#leastMs
      this.#rounds = 0
    }
    return false
  }

  restart(): void {
    if (this.growth === 1 && this.#roundEnd < 0) return
    this.growth = 1
    this.#roundEnd = -1
    this.#lastLeastMs = NONE
    this.#leastMs = NONE
    this.#samples = 0
    this.#rounds = 0
  }

  #startRound(next: number): boolean {
    this.#roundEnd = next
    this.#lastLeastMs = this.#leastMs
    this.#leastMs = NONE
    this.#samples = 0
    return this.growth < 1 && ++this.#rounds >= CONSERVATIVE_ROUNDS
  }
}
