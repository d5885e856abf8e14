/** What one acknowledgment says about segments. All streams share one object. */
import { REPEATED, SACKED, type Segments } from './segments.ts'

export class Delivery {
  /** Bytes newly acknowledged, cumulatively or selectively. */
  bytes = 0
  /** The latest sending time among acknowledged segments that were sent only once; -1 if none. */
  sentAtMs = -1
  /** True if a retransmitted segment is acknowledged cumulatively: no time can be measured then (Karn). */
  isRepeated = false
  /** True if the peer reports a duplicate. */
  hasDuplicate = false

  reset(): void {
    this.bytes = 0
    this.sentAtMs = -1
    this.isRepeated = false
    this.hasDuplicate = false
  }

  /** Records an acknowledged entry. `isInOrder`: cumulatively, rather than selectively. */
  note(segments: Segments, place: number, isInOrder: boolean): void {
    const flags = segments.flags[place] as number
    if (flags & SACKED) return
    this.bytes += segments.length[place] as number
    if (flags & REPEATED) this.isRepeated ||= isInOrder
    else if ((segments.sentAtMs[place] as number) > this.sentAtMs)
      this.sentAtMs = segments.sentAtMs[place] as number
  }
}
