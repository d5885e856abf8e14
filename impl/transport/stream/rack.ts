/**
 * Losses found by time: what was sent well before something that has arrived is lost (RFC 8985, 6). A segment is given a
 * while longer when the network is seen to reorder.
 */
import type { RoundTrip } from './rto.ts'
import { REPEATED, SACKED, type Segments } from './segments.ts'
import { distance } from './serial.ts'
import type { Timestamps } from './timestamps.ts'

/** SACKed segments that mean a loss while no reordering was seen (RFC 5681, 3.2). */
const DUPLICATES = 3
/** Recoveries without a duplicate after which patience is as at first (RFC 8985, 6.2, step 4). */
const PATIENT_RECOVERIES = 16
/** Patience is so much of the least round trip. */
const PATIENCE = 1 / 4

export class Rack {
  /** When to look again, because something is late but not yet lost; Infinity for never. */
  atMs = Number.POSITIVE_INFINITY
  hasReordering = false
  /** Of the segment that was sent last among those that have arrived. */
  #sentAtMs = -1
  #end = 0
  #roundTripMs: number
  /** The farthest position that has arrived. */
  #farthest = 0
  #patience = 1
  #recoveriesLeft = PATIENT_RECOVERIES
  /** Until this is acknowledged, duplicates belong to one round; -1 outside of one. */
  #roundEnd = -1
  readonly #roundTrip: RoundTrip
  readonly #timestamps: Timestamps

  constructor(roundTrip: RoundTrip, timestamps: Timestamps) {
    this.#roundTrip = roundTrip
    this.#roundTripMs = roundTrip.smoothedMs
    this.#timestamps = timestamps
  }

  /** It has seen nothing unusual: when nothing is under way, a new one is as good. */
  get isAsNew(): boolean {
    return !this.hasReordering && this.#patience === 1
  }

  /** RFC 8985, 6.2, steps 1 to 3: an entry that was not SACKed before is acknowledged. `echo`: the timestamp with it. */
  note(segments: Segments, place: number, nowMs: number, echo: number, isInOrder: boolean): void {
    const flags = segments.flags[place] as number
    if (flags & SACKED) return
    const sentAtMs = segments.sentAtMs[place] as number
    const end = (segments.start[place] as number) + (segments.length[place] as number)
    const roundTripMs = nowMs - sentAtMs
    if (end > this.#farthest) this.#farthest = end
    else if (end < this.#farthest && !(flags & REPEATED)) this.hasReordering = true
    if (flags & REPEATED && this.#isOfFirst(sentAtMs, roundTripMs, isInOrder ? echo : -1)) return
    this.#roundTripMs = roundTripMs
    if (sentAtMs > this.#sentAtMs || (sentAtMs === this.#sentAtMs && end > this.#end)) {
      this.#sentAtMs = sentAtMs
      this.#end = end
    }
  }

  /** RFC 8985, 6.2, step 4: something came twice, so patience was too short. At most once in a round. */
  duplicate(una: number, next: number): void {
    if (this.#roundEnd >= 0 && una < this.#roundEnd) return
    this.#roundEnd = next
    this.#patience++
    this.#recoveriesLeft = PATIENT_RECOVERIES
  }

  recovered(): void {
    if (--this.#recoveriesLeft <= 0) this.#patience = 1
  }

  /** RFC 8985, 6.2, step 5: marks what is lost. True when something was. */
  detect(segments: Segments, isOpen: boolean, nowMs: number): boolean {
    this.atMs = Number.POSITIVE_INFINITY
    if (this.#sentAtMs < 0) return false
    const patienceMs = this.#patienceMs(segments, isOpen)
    const waitMs = this.#roundTripMs + patienceMs
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

  /** RFC 8985, 6.3: after a timeout the first is lost, and what is as late as that. */
  timeOut(segments: Segments, nowMs: number): void {
    this.atMs = Number.POSITIVE_INFINITY
    const before =
      this.#roundTripMs < 0 ? nowMs : nowMs - this.#roundTripMs - this.#patienceMs(segments, true)
    const first = segments.head & segments.mask
    for (let place = segments.oldest; place >= 0; ) {
      const after = segments.after[place] as number
      if (place === first || (segments.sentAtMs[place] as number) <= before) segments.lose(place)
      place = after
    }
  }

  /** Another path. */
  restart(): void {
    this.atMs = Number.POSITIVE_INFINITY
    this.hasReordering = false
    this.#sentAtMs = -1
    this.#end = 0
    this.#farthest = 0
    this.#roundTripMs = -1
    this.#patience = 1
    this.#recoveriesLeft = PATIENT_RECOVERIES
    this.#roundEnd = -1
  }

  /**
   * Whether what is acknowledged is likely the first sending of a repeated segment (RFC 8985, 6.2, step 2). A timestamp
   * tells, but only in order: beyond what is missing the peer goes on echoing the one from before.
   */
  #isOfFirst(sentAtMs: number, roundTripMs: number, echo: number): boolean {
    if (this.#timestamps.areUsed && echo >= 0) return distance(this.#timestamps.value(sentAtMs), echo) < 0
    return roundTripMs < this.#roundTrip.leastMs
  }

  #patienceMs(segments: Segments, isOpen: boolean): number {
    if (!this.hasReordering && (!isOpen || segments.sackedCount >= DUPLICATES)) return 0
    const { leastMs, smoothedMs } = this.#roundTrip
    if (smoothedMs < 0) return 0
    return Math.min(this.#patience * PATIENCE * leastMs, smoothedMs)
  }
}
