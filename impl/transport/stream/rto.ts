/** The round-trip time and the retransmission timeout (RFC 6298). Times in ms. */
import { GRANULARITY_MS, RTO_INITIAL_MS, RTO_LEAST_MS, RTO_MOST_MS } from './limits.ts'

const ALPHA = 1 / 8
const BETA = 1 / 4
/** Deviations that a timeout waits for (RFC 6298, 2: K). */
const DEVIATIONS = 4

export class RoundTrip {
  /** Smoothed; -1 before anything was measured. */
  smoothedMs = -1
  variationMs = 0
  /** The last sample. */
  latestMs = -1
  /** The least of this path; Infinity before anything was measured. */
  leastMs = Number.POSITIVE_INFINITY
  /** The timeout, doubled for each that passed in vain. */
  timeoutMs = RTO_INITIAL_MS

  /**
   * Takes a sample. `perRound` is how many of them a round trip brings: each counts for less the more there are
   * (RFC 7323, appendix G). Ends the doubling.
   */
  sample(roundTripMs: number, perRound: number): void {
    const rtt = Math.max(0, roundTripMs)
    this.latestMs = rtt
    if (rtt < this.leastMs) this.leastMs = rtt
    if (this.smoothedMs < 0) {
      this.smoothedMs = rtt
      this.variationMs = rtt / 2
    } else {
      const share = 1 / Math.max(1, perRound)
      this.variationMs += BETA * share * (Math.abs(this.smoothedMs - rtt) - this.variationMs)
      this.smoothedMs += ALPHA * share * (rtt - this.smoothedMs)
    }
    const margin = Math.max(GRANULARITY_MS, DEVIATIONS * this.variationMs)
    this.timeoutMs = Math.min(RTO_MOST_MS, Math.max(RTO_LEAST_MS, this.smoothedMs + margin))
  }

  /** A timeout has passed in vain (RFC 6298, 5.5). */
  backOff(): void {
    this.timeoutMs = Math.min(RTO_MOST_MS, 2 * this.timeoutMs)
  }

  /** Another path: nothing is known of it. */
  restart(): void {
    this.smoothedMs = -1
    this.variationMs = 0
    this.latestMs = -1
    this.leastMs = Number.POSITIVE_INFINITY
    this.timeoutMs = RTO_INITIAL_MS
  }
}
