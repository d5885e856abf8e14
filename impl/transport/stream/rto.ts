/** The round-trip time and the retransmission timeout (RFC 6298). Times in ms. */
import { GRANULARITY_MS, RTO_AFTER_REPEAT_MS, RTO_INITIAL_MS, RTO_LEAST_MS, RTO_MOST_MS } from './limits.ts'

const ALPHA = 1 / 8
const BETA = 1 / 4
/** Deviations that a timeout waits for (RFC 6298, 2: K). */
const DEVIATIONS = 4

export class RoundTrip {
  /** Smoothed; -1 before anything was measured. */
  smoothedMs = -1
  variationMs = 0
  /** The least of this path; Infinity before anything was measured. */
  leastMs = Number.POSITIVE_INFINITY
  /** Before anything was measured. */
  #initialMs = RTO_INITIAL_MS
  /** Timeouts that passed in vain since the last sample. */
  #doublings = 0

  /** The timeout, doubled for each that passed in vain. */
  get timeoutMs(): number {
    const { smoothedMs, variationMs } = this
    const margin = Math.max(GRANULARITY_MS, DEVIATIONS * variationMs)
    const timeoutMs = smoothedMs < 0 ? this.#initialMs : Math.max(RTO_LEAST_MS, smoothedMs + margin)
    return Math.min(RTO_MOST_MS, timeoutMs * 2 ** this.#doublings)
  }

  /**
   * Takes a sample. `perRound` is how many of them a round trip brings: each counts for less the more there are
   * (RFC 7323, appendix G). Ends the doubling.
   */
  sample(roundTripMs: number, perRound: number): void {
    const rtt = Math.max(0, roundTripMs)
    if (rtt < this.leastMs) this.leastMs = rtt
    if (this.smoothedMs < 0) {
      this.smoothedMs = rtt
      this.variationMs = rtt / 2
    } else {
      const share = 1 / Math.max(1, perRound)
      this.variationMs += BETA * share * (Math.abs(this.smoothedMs - rtt) - this.variationMs)
      this.smoothedMs += ALPHA * share * (rtt - this.smoothedMs)
    }
    this.#doublings = 0
  }

  /** The SYN was sent more than once, and nothing tells which was answered (RFC 6298, 5.7). */
  unmeasured(): void {
    this.#initialMs = RTO_AFTER_REPEAT_MS
  }

  /** A timeout has passed in vain (RFC 6298, 5.5). */
  backOff(): void {
    if (this.timeoutMs < RTO_MOST_MS) this.#doublings++
  }

  /** Another path: nothing is known of it. */
  restart(): void {
    this.smoothedMs = -1
    this.variationMs = 0
    this.leastMs = Number.POSITIVE_INFINITY
    this.#initialMs = RTO_INITIAL_MS
    this.#doublings = 0
  }
}
