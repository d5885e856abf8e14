/**
 * Finds losses by time: a segment sent well before one that has arrived is lost (RFC 8985, 6). Once the network has
 * been seen to reorder, a segment has a while longer.
 */
import type { RoundTrip } from './rto.ts'
import { REPEATED, SACKED, type Segments } from './segments.ts'
import { distance } from './serial.ts'
import type { Timestamps } from './timestamps.ts'

/** While no reordering has been seen, this many SACKed segments mean a loss (RFC 5681, 3.2). */
const DUPLICATES = 3
/**
 * After this many recoveries without a duplicate, the reordering window is back at its initial size (RFC 8985, 6.2,
 * step 4).
 */
const PATIENT_RECOVERIES = 16
/** The unit of the reordering window, as a share of the minimum round-trip time. */
const PATIENCE = 1 / 4

export class Rack {
  /** When to check again, because a segment is late but not yet lost; Infinity for never. */
  atMs = Number.POSITIVE_INFINITY
  hasReordering = false
  /** Sending time of the most recently sent segment that has arrived. */
  #sentAtMs = -1
  #end = 0
  /** The latest round trip; -1 before the first. */
  roundTripMs: number
  /** The highest position that has arrived. */
  #farthest = 0
  #patience = 1
  #recoveriesLeft = PATIENT_RECOVERIES
  /** Until this position is acknowledged, duplicates belong to one round; -1 outside of one. */
  #roundEnd = -1
  readonly #roundTrip: RoundTrip
  readonly #timestamps: Timestamps

  constructor(roundTrip: RoundTrip, timestamps: Timestamps) {
    this.#roundTrip = roundTrip
    this.roundTripMs = roundTrip.smoothedMs
    this.#timestamps = timestamps
  }

  /** True if it has seen nothing unusual: when nothing is in flight, a new one is as good. */
  get isAsNew(): boolean {
    return !this.hasReordering && this.#patience === 1
  }

  /**
   * An entry that was not SACKed before is acknowledged (RFC 8985, 6.2, steps 1 to 3). `echo`: the timestamp that the
   * acknowledgment echoes.
   */
  note(segments: Segments, place: number, nowMs: number, echo: number, isInOrder: boolean): void {
    const flags = segments.flags[place] as number
    if (flags & SACKED) return
    const sentAtMs = segments.sentAtMs[place] as number
    const end = (segments.start[place] as number) + (segments.length[place] as number)
    const roundTripMs = nowMs - sentAtMs
    if (end > this.#farthest) this.#farthest = end
    else if (end < this.#farthest && !(flags & REPEATED)) this.hasReordering = true
    if (flags & REPEATED && this.#isOfFirst(sentAtMs, roundTripMs, isInOrder ? echo : -1)) return
    this.roundTripMs = roundTripMs
    if (sentAtMs > this.#sentAtMs || (sentAtMs === this.#sentAtMs && end > this.#end)) {
      this.#sentAtMs = sentAtMs
      this.#end = end
    }
  }

  /** A segment arrived twice, so the reordering window was too short (RFC 8985, 6.2, step 4). Counts once per round. */
  duplicate(una: number, next: number): void {
    if (this.#roundEnd >= 0 && una < this.#roundEnd) return
    this.#roundEnd = next
    this.#patience++
    this.#recoveriesLeft = PATIENT_RECOVERIES
  }

  recovered(): void {
    if (--this.#recoveriesLeft <= 0) this.#patience = 1
  }

  /** Marks lost segments (RFC 8985, 6.2, step 5). Returns true if there were any. */
  detect(segments: Segments, isOpen: boolean, nowMs: number): boolean {
    this.atMs = Number.POSITIVE_INFINITY
    if (this.#sentAtMs < 0) return false
    const patienceMs = this.#patienceMs(segments, isOpen)
    const waitMs = this.roundTripMs + patienceMs
    let found = false
    for (let place = segments.oldest; place >= 0; ) {
      const sentAtMs = segments.sentAtMs[place] as number
      if (sentAtMs > this.#sentAtMs) break
      const after = segments.after[place] as number
      if (
        sentAtMs < this.#sentAtMs ||
        (segments.start[place] as number) + (segments.length[place] as number) < this.#end
      ) {
        if (sentAtMs + waitMs <= nowMs) {
          segments.lose(place)
          found = true
        } else this.atMs = sentAtMs + waitMs
      }
      place = after
    }
    return found
  }

  /** After a timeout, marks the first segment lost, and all that are as late (RFC 8985, 6.3). */
  timeOut(segments: Segments, nowMs: number): void {
    this.atMs = Number.POSITIVE_INFINITY
    const before = this.roundTripMs < 0 ? nowMs : nowMs - this.roundTripMs - this.#patienceMs(segments, true)
    const first = segments.head & segments.mask
    for (let place = segments.oldest; place >= 0; ) {
      const after = segments.after[place] as number
      if (place === first || (segments.sentAtMs[place] as number) <= before) segments.lose(place)
      place = after
    }
  }

  /** The flow has moved to a new path. */
  restart(): void {
    this.atMs = Number.POSITIVE_INFINITY
    this.hasReordering = false
    this.#sentAtMs = -1
    this.#end = 0
    this.#farthest = 0
    this.roundTripMs = -1
    this.#patience = 1
    this.#recoveriesLeft = PATIENT_RECOVERIES
    this.#roundEnd = -1
  }

  /**
   * True if the acknowledgment is likely for the first transmission of a retransmitted segment (RFC 8985, 6.2, step 2).
   * A timestamp decides, but only in order: beyond a gap the peer keeps echoing the one from before.
   */
  #isOfFirst(sentAtMs: number, roundTripMs: number, echo: number): boolean {
    if (this.#timestamps.areUsed && echo >= 0) return distance(this.#timestamps.value(sentAtMs), echo) < 0
    const { leastMs } = this.#roundTrip
    return leastMs < Number.POSITIVE_INFINITY && roundTripMs < leastMs
  }

  #patienceMs(segments: Segments, isOpen: boolean): number {
    if (!this.hasReordering && (!isOpen || segments.sackedCount >= DUPLICATES)) return 0
    const { leastMs, smoothedMs } = this.#roundTrip
    if (smoothedMs < 0) return 0
    return Math.min(this.#patience * PATIENCE * leastMs, smoothedMs)
  }
}
