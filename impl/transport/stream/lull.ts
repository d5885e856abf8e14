/**
 * Notices that a peer which was sending a lot has fallen silent. A receiver owes nothing, so no retransmission tells it that its
 * path is dead, or that an address translator has forgotten it. After a short silence it probes the peer, which answers if it has
 * only paused. Exists while a run of segments arrives, and until a silence after it is explained. Pure: times are arguments.
 */
import { LULL_MS, LULL_PROBES } from './limits.ts'

export class Lull {
  /** When to look next; Infinity when the silence is explained, or lasts too long. */
  atMs: number
  /** Probes in a row that nothing had answered when the last one left. */
  #probes = 0
  /** Segments that had arrived then. */
  #heard = 0

  /** A run of segments goes on at `nowMs`. */
  constructor(nowMs: number) {
    this.atMs = nowMs + LULL_MS
  }

  /** Returns how many probes in a row nothing has answered. `heard` counts arrived segments. */
  unanswered(heard: number): number {
    return heard === this.#heard ? this.#probes : 0
  }

  /**
   * Looks at the silence since `sinceMs`, when bytes arrived last. `timeoutMs` is the retransmission timeout.
   * Returns true to probe the peer now.
   */
  look(nowMs: number, sinceMs: number, heard: number, timeoutMs: number): boolean {
    if (nowMs < this.atMs) return false
    if (this.#probes === 0) {
      const dueMs = sinceMs + Math.max(LULL_MS, timeoutMs)
      if (nowMs < dueMs) {
        this.atMs = dueMs
        return false
      }
    } else if (heard !== this.#heard || this.#probes >= LULL_PROBES) {
      this.#probes = 0
      this.atMs = Number.POSITIVE_INFINITY
      return false
    }
    this.#heard = heard
    this.atMs = nowMs + timeoutMs * 2 ** this.#probes++
    return true
  }
}
