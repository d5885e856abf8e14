/**
 * Tail loss probes (RFC 8985, 7): after a while without acknowledgment, one more segment leaves, and its answer reveals
 * losses long before a timeout would.
 */
import { LEAST_PROBE_MS, PEER_ACK_DELAY_MS } from './limits.ts'
import type { RoundTrip } from './rto.ts'

const NEVER = Number.POSITIVE_INFINITY

export class TailProbe {
  /** When to probe; Infinity for never. */
  atMs = NEVER
  /** A probe should leave now. */
  isDue = false
  /** The position after all data sent when the probe left; -1 if no probe is in flight. */
  #end = -1
  #isRepeat = false
  #bytes = 0

  get isUnderWay(): boolean {
    return this.#end >= 0
  }

  /** Bytes that probes retransmitted and that are still unanswered. */
  get repeatedBytes(): number {
    return this.isUnderWay && this.#isRepeat ? this.#bytes : 0
  }

  /**
   * Schedules a probe (RFC 8985, 7.2). `isSingle`: only one segment is in flight, whose acknowledgment the peer may
   * delay.
   */
  schedule(roundTrip: RoundTrip, isSingle: boolean, rtoAtMs: number, nowMs: number): void {
    if (this.#end >= 0) {
      this.atMs = NEVER
      return
    }
    const { smoothedMs, timeoutMs } = roundTrip
    const roundTripsMs = smoothedMs < 0 ? timeoutMs : Math.max(LEAST_PROBE_MS, 2 * smoothedMs)
    const waitMs = isSingle && smoothedMs >= 0 ? roundTripsMs + PEER_ACK_DELAY_MS : roundTripsMs
    this.atMs = Math.min(nowMs + waitMs, rtoAtMs)
  }

  /** A probe of `bytes` bytes left (RFC 8985, 7.3). */
  sent(end: number, isRepeat: boolean, bytes: number): void {
    this.isDue = false
    this.atMs = NEVER
    this.#end = end
    this.#isRepeat = isRepeat
    this.#bytes = bytes
  }

  /**
   * Processes an acknowledgment up to `ack` (RFC 8985, 7.4) that reports a duplicate, or is empty. Returns true if the
   * probe repaired a loss that nothing else will reveal.
   */
  acknowledge(ack: number, hasDuplicate: boolean, isEmpty: boolean): boolean {
    if (this.#end < 0 || ack < this.#end) return false
    const end = this.#end
    if (!this.#isRepeat || hasDuplicate) {
      this.#end = -1
      return false
    }
    if (ack > end) {
      this.#end = -1
      return true
    }
    if (isEmpty) this.#end = -1
    return false
  }

  stop(): void {
    this.atMs = NEVER
    this.isDue = false
  }

  restart(): void {
    this.stop()
    this.#end = -1
  }
}
