/**
 * The receive window: how much the peer may send. Offers free room in steps that avoid small segments, and grows for a
 * reader that keeps up.
 */

/** Used until a round trip is measured. */
const UNKNOWN_ROUND_TRIP_MS = 100
/** Timestamps tick once per ms. */
const LEAST_ROUND_MS = 1
/** Larger than any round trip. An integer, because V8 allocates an object for other numbers. */
const NONE = 2 ** 30
/** A sender in slow start doubles its rate each round trip, and two round trips pass until a larger window takes effect. */
const HEADROOM = 4
/** Whole seconds: V8 allocates an object for a number beyond 31 bits, also while the stream is idle. */
const seconds = (ms: number): number => Math.floor(ms / 1000)
const NEVER_S = -(2 ** 30)
/**
 * A queue caused by the stream itself lengthens its round trips, and a larger window would lengthen the queue.
 * Therefore the minimum round trip counts. It is forgotten after this time, because the path may have changed.
 */
const REMEMBERED_S = 30

/** What the receiving half of a flow knows of its window. */
export interface Window {
  readonly limit: number
  readonly edge: number
  cap(most: number): void
  offer(readAt: number, next: number, mss: number): number
  isWorthTelling(readAt: number, next: number, mss: number): boolean
  sample(roundTripMs: number): void
  measure(readAt: number, nowMs: number): void
  restart(): void
}

export class ReceiveWindow implements Window {
  /** Room for unread bytes now, and its maximum. */
  limit: number
  #most: number
  /** The position up to which the peer may send. It never moves back (RFC 9293, 3.8.6). */
  edge: number
  /** When the current round began, in whole ms modulo 2 ** 32, and the reader's position then. */
  #roundAtMs = 0
  #roundReadAt = 0
  /** The minimum round trip since `leastSinceS`, and in the REMEMBERED_S before. */
  #leastMs = NONE
  #leastSinceS = NEVER_S
  #leastBeforeMs = UNKNOWN_ROUND_TRIP_MS

  constructor(start: number, first: number, most: number) {
    this.limit = Math.min(first, most)
    this.#most = most
    this.edge = start + this.limit
  }

  /** Limits the window to `most`, the largest value that this peer can express. */
  cap(most: number): void {
    this.#most = Math.min(this.#most, most)
    this.limit = Math.min(this.limit, most)
  }

  /**
   * Returns the window to offer beyond `next` in a segment that leaves now. The edge moves only by a full segment or
   * half the room, which avoids silly windows (RFC 9293, 3.8.6.2.2).
   */
  offer(readAt: number, next: number, mss: number): number {
    const edge = readAt + this.limit
    if (edge - this.edge >= Math.min(this.limit / 2, mss)) this.edge = edge
    return Math.max(0, this.edge - next)
  }

  /** True if a window update should leave in a segment of its own: the peer has little left, or much was freed. */
  isWorthTelling(readAt: number, next: number, mss: number): boolean {
    const gain = readAt + this.limit - this.edge
    if (gain >= this.limit / 2) return true
    return this.edge - next < 2 * mss && gain >= Math.min(this.limit / 2, mss)
  }

  /** Takes a round trip as the receiver sees it: from a segment sent to one that echoes it. */
  sample(roundTripMs: number): void {
    if (roundTripMs >= 0 && roundTripMs < this.#leastMs) this.#leastMs = roundTripMs
  }

  /** The reader is at `readAt`. Once per round trip, sets the room to what was read in it, with headroom. */
  measure(readAt: number, nowMs: number): void {
    const roundTripMs = Math.max(LEAST_ROUND_MS, Math.min(this.#leastMs, this.#leastBeforeMs))
    if ((nowMs - this.#roundAtMs) >>> 0 < roundTripMs) return
    const read = readAt - this.#roundReadAt
    if (this.#roundReadAt > 0 && HEADROOM * read > this.limit)
      this.limit = Math.min(this.#most, HEADROOM * read)
    this.#roundAtMs = nowMs | 0
    this.#roundReadAt = readAt
    if (this.#leastMs === NONE || seconds(nowMs) - this.#leastSinceS < REMEMBERED_S) return
    this.#leastBeforeMs = this.#leastMs
    this.#leastMs = NONE
    this.#leastSinceS = seconds(nowMs)
  }

  /** The flow has moved to a new path. */
  restart(): void {
    this.#leastMs = NONE
    this.#leastBeforeMs = UNKNOWN_ROUND_TRIP_MS
    this.#leastSinceS = NEVER_S
  }
}
