/** HyStart++ (RFC 9406): slow start ends before it overflows the path, when round trips become longer. */

const LEAST_RISE_MS = 4
const MOST_RISE_MS = 16
/** A rise is this share of the round before's least. */
const RISE = 1 / 8
const SAMPLES = 8
/** Conservative slow start: its share of the pace, and how many rounds of it there are. */
const CONSERVATIVE_GROWTH = 1 / 4
const CONSERVATIVE_ROUNDS = 5

const NONE = Number.POSITIVE_INFINITY

export class HyStart {
  /** The share of slow start's pace that is right now. */
  growth = 1
  #roundEnd = -1
  #lastLeastMs = NONE
  #leastMs = NONE
  #samples = 0
  #baselineMs = NONE
  #rounds = 0

  /** A sample in slow start, with the next position to be sent. True when slow start is to end. */
  sample(roundTripMs: number, una: number, next: number): boolean {
    if (una >= this.#roundEnd && this.#startRound(next)) return true
    this.#leastMs = Math.min(this.#leastMs, roundTripMs)
    this.#samples++
    if (this.#samples < SAMPLES) return false
    if (this.growth < 1) {
      // The rise was not for long: go on as before.
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
