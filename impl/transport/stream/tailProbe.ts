/**
 * Tail loss probes (RFC 8985, 7): when no acknowledgment comes for a while, one more segment is sent, so that the answer
 * to it shows what is lost, long before a timeout would.
 */
import { LEAST_PROBE_MS, PEER_ACK_DELAY_MS } from './limits.ts'
import type { RoundTrip } from './rto.ts'

const NEVER = Number.POSITIVE_INFINITY

export class TailProbe {
  /** When to probe; Infinity for never. */
  atMs = NEVER
  /** A probe is to leave now. */
  isDue = false
  /** The position after all that was sent when the probe left; -1: none is under way. */
  #end = -1
  #isRepeat = false
  #bytes = 0

  get isUnderWay(): boolean {
    return this.#end >= 0
  }

  /** Bytes that a probe has repeated whose answer is still awaited. */
  get repeatedBytes(): number {
    return this.isUnderWay && this.#isRepeat ? this.#bytes : 0
  }

  /** RFC 8985, 7.2. `isSingle`: one segment is in flight, whose acknowledgment may be held back. */
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

  /** RFC 8985, 7.3. `bytes`: how long the probe was. */
  sent(end: number, isRepeat: boolean, bytes: number): void {
    this.isDue = false
    this.atMs = NEVER
    this.#end = end
    this.#isRepeat = isRepeat
    this.#bytes = bytes
  }

  /**
   * RFC 8985, 7.4: an acknowledgment up to `ack`, that tells of a duplicate, or of nothing new. True when the probe
   * repaired a loss, which nobody else will notice.
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
