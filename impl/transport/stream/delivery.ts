/** What one acknowledgment tells about segments. One object serves all. */
import { REPEATED, SACKED, type Segments } from './segments.ts'

export class Delivery {
  /** Bytes that are newly acknowledged, in order or selectively. */
  bytes = 0
  /** The last time of sending among segments that were sent only once; -1: there is none. */
  sentAtMs = -1
  /** A segment that was repeated is acknowledged in order: times say nothing then (Karn). */
  isRepeated = false
  /** Something is told to have come twice. */
  hasDuplicate = false

  reset(): void {
    this.bytes = 0
    this.sentAtMs = -1
    this.isRepeated = false
    this.hasDuplicate = false
  }

  /** An entry is acknowledged, in order or selectively. */
  note(segments: Segments, place: number, isInOrder: boolean): void {
    const flags = segments.flags[place] as number
    if (flags & SACKED) return
    this.bytes += segments.length[place] as number
    if (flags & REPEATED) this.isRepeated ||= isInOrder
    else if ((segments.sentAtMs[place] as number) > this.sentAtMs)
      this.sentAtMs = segments.sentAtMs[place] as number
  }
}
