/**
 * Bounds bursts: what leaves at once is paid from a bucket that fills somewhat faster than the window does over a round
 * trip, so that a large acknowledgment or a late timer does not empty the whole window into the network's queue.
 */
import { BURST_MS, BURST_SEGMENTS, GRANULARITY_MS } from './limits.ts'

/** Over the rate of the window: slow start doubles it in a round trip, afterwards it hardly changes. */
const SLOW_START_GAIN = 2
const GAIN = 1.25

export class Pacer {
  /** When the next segment may leave, if one was held back; else Infinity. */
  atMs = Number.POSITIVE_INFINITY
  #bytes = 0
  #filledAtMs = Number.NEGATIVE_INFINITY

  /** Whether a segment may leave now. */
  allows(mss: number, window: number, roundTripMs: number, isSlowStart: boolean, nowMs: number): boolean {
    // Timers are too coarse for such paths, or nothing is known of this one.
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

  /** The bucket is full. */
  restart(): void {
    this.atMs = Number.POSITIVE_INFINITY
    this.#filledAtMs = Number.NEGATIVE_INFINITY
  }
}
