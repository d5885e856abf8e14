/** How much the peer may send: free room, told so that it never becomes small pieces, growing with a reader that keeps up. */

/** Before the round-trip time is known. */
const UNKNOWN_ROUND_TRIP_MS = 100
/** Timestamps tick once in a ms. */
const LEAST_ROUND_MS = 1
/** Longer than any round trip. These are whole numbers: V8 makes an object of each other one. */
const NONE = 2 ** 30
/** A sender in slow start sends twice as much in each round trip, and two of them pass until it feels a larger window. */
const HEADROOM = 4
/**
 * A queue of the stream's own lengthens its round trips, and room for it would lengthen the queue. So it is the least
 * round trip that counts, of so long; afterwards the path may be another.
 */
const REMEMBERED_MS = 30_000

export class ReceiveWindow {
  /** Room for unread bytes now, and at most. */
  limit: number
  #most: number
  /** The position up to which the peer may send. It never goes back (RFC 9293, 3.8.6). */
  edge: number
  /** The round that is being measured: its beginning, and the reader's place then. */
  #roundAtMs = Number.NEGATIVE_INFINITY
  #roundReadAt = 0
  /** The least round trip since a time, and in the REMEMBERED_MS before. */
  #leastMs = NONE
  #leastSinceMs = Number.NEGATIVE_INFINITY
  #leastBeforeMs = UNKNOWN_ROUND_TRIP_MS

  constructor(start: number, first: number, most: number) {
    this.limit = Math.min(first, most)
    this.#most = most
    this.edge = start + this.limit
  }

  /** No more than `most` can be told to this peer. */
  cap(most: number): void {
    this.#most = Math.min(this.#most, most)
    this.limit = Math.min(this.limit, most)
  }

  /**
   * What a segment that leaves now may offer beyond `next`. The edge moves only by a full segment or half the room: the
   * silly window is avoided (RFC 9293, 3.8.6.2.2).
   */
  offer(readAt: number, next: number, mss: number): number {
    const edge = readAt + this.limit
    if (edge - this.edge >= Math.min(this.limit / 2, mss)) this.edge = edge
    return Math.max(0, this.edge - next)
  }

  /** Whether what was read is worth a segment that only says so: the peer has little left, or much was freed. */
  isWorthTelling(readAt: number, next: number, mss: number): boolean {
    const gain = readAt + this.limit - this.edge
    if (gain >= this.limit / 2) return true
    return this.edge - next < 2 * mss && gain >= Math.min(this.limit / 2, mss)
  }

  /** A round trip as the receiver sees it: from a segment sent to one that echoes it. */
  sample(roundTripMs: number): void {
    if (roundTripMs >= 0 && roundTripMs < this.#leastMs) this.#leastMs = roundTripMs
  }

  /** The reader is at `readAt`: once in a round trip the room becomes what it read in it, with headroom. */
  measure(readAt: number, nowMs: number): void {
    const roundTripMs = Math.max(LEAST_ROUND_MS, Math.min(this.#leastMs, this.#leastBeforeMs))
    if (nowMs - this.#roundAtMs < roundTripMs) return
    const read = readAt - this.#roundReadAt
    if (this.#roundReadAt > 0 && HEADROOM * read > this.limit)
      this.limit = Math.min(this.#most, HEADROOM * read)
    this.#roundAtMs = nowMs
    this.#roundReadAt = readAt
    if (this.#leastMs === NONE || nowMs - this.#leastSinceMs < REMEMBERED_MS) return
    this.#leastBeforeMs = this.#leastMs
    this.#leastMs = NONE
    this.#leastSinceMs = nowMs
  }

  /** Another path: nothing is known of it. */
  restart(): void {
    this.#leastMs = NONE
    this.#leastBeforeMs = UNKNOWN_ROUND_TRIP_MS
    this.#leastSinceMs = Number.NEGATIVE_INFINITY
  }
}
