/** The round-trip time and the retransmission timeout (RFC 6298). Times in ms. */
import { GRANULARITY_MS, RTO_AFTER_REPEAT_MS, RTO_INITIAL_MS, RTO_LEAST_MS, RTO_MOST_MS } from './limits.ts'

const ALPHA = 1 / 8
const BETA = 1 / 4
/** The timeout allows for this many deviations (K in RFC 6298, 2). */
const DEVIATIONS = 4
/**
 * The samples of a round trip count as so many timeouts at most. A process that was suspended, or a network that held packets back, would otherwise
 * leave a timeout of minutes, although the path is as fast as before.
 */
const MOST_TIMEOUTS = 2

export class RoundTrip {
  /** Smoothed; -1 before the first measurement. */
  smoothedMs = -1
  variationMs = 0
  /** In whole microseconds: V8 allocates an object for a fraction, and for infinity. */
  #leastUs: number | undefined
  /** The timeout before the first measurement. */
  #initialMs = RTO_INITIAL_MS
  /** Timeouts that expired since the last sample. */
  #doublings = 0
  /** The most that a sample counts, and the time since when: segments that were sent before it may have waited in the same stall. */
  #mostMs = 0
  #mostAtMs: number | undefined

  /** The minimum on this path; Infinity before the first measurement. */
  get leastMs(): number {
    return this.#leastUs === undefined ? Number.POSITIVE_INFINITY : this.#leastUs / 1000
  }

  /** Timeouts in a row that expired since the last sample. */
  get timeouts(): number {
    return this.#doublings
  }

  /** True if a timeout has expired since the last sample. */
  get hasTimedOut(): boolean {
    return this.#doublings > 0
  }

  /** The timeout, doubled for each that expired. */
  get timeoutMs(): number {
    return Math.min(RTO_MOST_MS, this.#singleMs * 2 ** this.#doublings)
  }

  /** The timeout before any doubling. */
  get #singleMs(): number {
    const { smoothedMs, variationMs } = this
    const margin = Math.max(GRANULARITY_MS, DEVIATIONS * variationMs)
    return smoothedMs < 0 ? this.#initialMs : Math.max(RTO_LEAST_MS, smoothedMs + margin)
  }

  /**
   * Takes a sample, and ends the doubling. `perRound`: samples per round trip; the more there are, the less each counts
   * (RFC 7323, appendix G). A path that has become slow takes several round trips to lengthen the timeout.
   */
  sample(roundTripMs: number, perRound: number, nowMs: number): void {
    const wholeMs = Math.max(0, roundTripMs)
    if (wholeMs < this.leastMs) this.#leastUs = Math.floor(1000 * wholeMs)
    if (this.#mostAtMs === undefined || nowMs - wholeMs >= this.#mostAtMs) {
      this.#mostMs = Math.ceil(MOST_TIMEOUTS * this.#singleMs)
      this.#mostAtMs = Math.floor(nowMs)
    }
    const rtt = Math.min(wholeMs, this.#mostMs)
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

  /** The SYN was sent more than once, and nothing shows which one was answered (RFC 6298, 5.7). */
  unmeasured(): void {
    this.#initialMs = RTO_AFTER_REPEAT_MS
  }

  /** A timeout has expired (RFC 6298, 5.5). */
  backOff(): void {
    if (this.timeoutMs < RTO_MOST_MS) this.#doublings++
  }

  /** The path works again: earlier timeouts do not predict the next one. */
  forgetTimeouts(): void {
    this.#doublings = 0
  }

  /** The flow has moved to a new, unmeasured path. */
  restart(): void {
    this.smoothedMs = -1
    this.variationMs = 0
    this.#leastUs = undefined
    this.#initialMs = RTO_INITIAL_MS
    this.#doublings = 0
    this.#mostAtMs = undefined
  }
}
