/**
 * Limits bursts with a token bucket. The bucket fills somewhat faster than one window per round trip, so that after a
 * large acknowledgment or a late timer the whole window does not land in the network's queue at once.
 */
import { BURST_MS, BURST_SEGMENTS, GRANULARITY_MS } from './limits.ts'

/** Fill rate relative to the window's rate. Slow start doubles the window in a round trip; later it hardly changes. */
const SLOW_START_GAIN = 2
const GAIN = 1.25

export class Pacer {
  /** When the next withheld segment may leave; Infinity if none is withheld. */
  atMs = Number.POSITIVE_INFINITY
  #bytes = 0
  #filledAtMs = Number.NEGATIVE_INFINITY

  /** Returns true if a segment may leave now. */
  allows(mss: number, window: number, roundTripMs: number, isSlowStart: boolean, nowMs: number): boolean {
    // The path is shorter than a timer tick, or unknown.
    if (roundTripMs < GRANULARITY_MS) return true
    if (this.#bytes > 0 && nowMs === this.#filledAtMs) return true
    const rate = ((isSlowStart ? SLOW_START_GAIN : GAIN) * window) / roundTripMs
    const most = Math.max(BURST_SEGMENTS * mss, BURST_MS * rate)
    const filled = this.#bytes + rate * (nowMs - this.#filledAtMs)
    this.#bytes = filled < most ? filled : most
    this.#filledAtMs = nowMs
    this.atMs = Number.POSITIVE_INFINITY
    if (this.#bytes > 0) return true
    this.atMs = nowMs + GRANULARITY_MS - this.#bytes / rate
    return false
  }

  sent(bytes: number): void {
    this.#bytes -= bytes
  }

  /** Fills the bucket. */
  restart(): void {
    this.atMs = Number.POSITIVE_INFINITY
    this.#filledAtMs = Number.NEGATIVE_INFINITY
  }
}
