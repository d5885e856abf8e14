/** Processes the peer's selective acknowledgments (RFC 2018, 5; RFC 2883, 4). */
import { MOST_SACK_BLOCKS } from '../../../spec/wire/options.ts'
import type { Segment } from '../../../spec/wire/segment.ts'
import { SACKED, type Segments } from './segments.ts'
import { positionOf } from './serial.ts'

/** Receives entries that are newly SACKed. */
export interface SackObserver {
  sacked(place: number): void
}

/** The blocks of the current segment. All streams share them, because nothing else runs while a segment is read. */
const lefts = new Float64Array(MOST_SACK_BLOCKS)
const rights = new Float64Array(MOST_SACK_BLOCKS)
const NO_BLOCKS = new Float64Array(0)

export class Scoreboard {
  /** The blocks of the previous acknowledgment. Most blocks repeat, and need no second look. */
  #knownLeft = NO_BLOCKS
  #knownRight = NO_BLOCKS
  #known = 0
  /** Invalid blocks in the last segment. */
  wrong = 0
  /** The duplicate that the last segment reported, if any. */
  duplicateStart = 0
  duplicateEnd = 0

  /** Reads the blocks of a segment that acknowledges up to `una`. Returns true if the first one reports a duplicate. */
  take(
    segment: Segment,
    origin: number,
    una: number,
    next: number,
    segments: Segments,
    observer: SackObserver,
  ): boolean {
    const count = segment.sackCount
    this.wrong = 0
    for (let i = 0; i < count; i++) {
      lefts[i] = positionOf(segment.sackLeft[i] as number, origin, una)
      rights[i] = positionOf(segment.sackRight[i] as number, origin, una)
    }
    const isDuplicate = this.#isDuplicate(count, una)
    if (isDuplicate) {
      this.duplicateStart = lefts[0] as number
      this.duplicateEnd = rights[0] as number
    }
    let kept = 0
    for (let i = isDuplicate ? 1 : 0; i < count; i++) {
      const left = lefts[i] as number
      const right = rights[i] as number
      if (left >= right || right > next) this.wrong++
      else if (left >= una) this.#keep(left, right, kept++)
    }
    for (let i = 0; i < kept; i++) this.#cover(lefts[i] as number, rights[i] as number, segments, observer)
    this.#know(kept)
    return isDuplicate
  }

  /** Distrusts every SACK so far. */
  forget(): void {
    this.#known = 0
  }

  #know(kept: number): void {
    if (this.#knownLeft.length < kept) {
      this.#knownLeft = new Float64Array(MOST_SACK_BLOCKS)
      this.#knownRight = new Float64Array(MOST_SACK_BLOCKS)
    }
    for (let i = 0; i < kept; i++) {
      this.#knownLeft[i] = lefts[i] as number
      this.#knownRight[i] = rights[i] as number
    }
    this.#known = kept
  }

  /** Inserts a block among the first `kept`, lowest first, because arrivals are reported from lower to higher positions. */
  #keep(left: number, right: number, kept: number): void {
    let place = kept
    for (; place > 0 && (lefts[place - 1] as number) > left; place--) {
      lefts[place] = lefts[place - 1] as number
      rights[place] = rights[place - 1] as number
    }
    lefts[place] = left
    rights[place] = right
  }

  /** A duplicate lies below the acknowledgment, or within the second block (RFC 2883, 4). */
  #isDuplicate(count: number, una: number): boolean {
    const left = lefts[0] as number
    const right = rights[0] as number
    if (count === 0 || left >= right) return false
    return right <= una || (count > 1 && left >= (lefts[1] as number) && right <= (rights[1] as number))
  }

  /** Marks the entries that lie wholly within [left, right). */
  #cover(left: number, right: number, segments: Segments, observer: SackObserver): void {
    let from = left
    for (let i = 0; i < this.#known; i++)
      if ((this.#knownLeft[i] as number) <= from && from < (this.#knownRight[i] as number))
        from = this.#knownRight[i] as number
    if (from >= right) return
    let index = segments.indexFrom(from)
    // The known block may have ended inside an entry that is only now wholly covered.
    if (index > segments.head && (segments.start[(index - 1) & segments.mask] as number) >= left) index--
    for (; index < segments.tail; index++) {
      const place = index & segments.mask
      if ((segments.start[place] as number) + (segments.length[place] as number) > right) return
      if (!((segments.flags[place] as number) & SACKED)) {
        observer.sacked(place)
        segments.sack(place)
      }
    }
  }
}
