/** Which positions of a sequence have arrived: everything before `next`, and ranges beyond a gap. */
import { Ranges } from './ranges.ts'

/** Shared by all sequences without ranges. Never modified. */
export const NO_RANGES = new Ranges()

export class Arrivals {
  /** Everything before this position has arrived. */
  next: number
  /** The ranges that have arrived beyond `next`. */
  ranges = NO_RANGES

  constructor(start: number) {
    this.next = start
  }

  /** True if all of [from, to) has arrived, read or not. */
  has(from: number, to: number): boolean {
    return to <= Math.max(from, this.next) || this.ranges.has(Math.max(from, this.next), to)
  }

  /** True if [left, right), which lies beyond a gap, is news, and there are not too many ranges. */
  mayAdd(left: number, right: number): boolean {
    if (this.ranges.has(left, right)) return false
    if (this.ranges === NO_RANGES) this.ranges = new Ranges()
    return this.ranges.mayAdd(left, right)
  }

  /** Records that [left, right) has arrived; `left` is at least `next`. Beyond a gap check `mayAdd` first. */
  arrive(left: number, right: number): void {
    if (left > this.next) {
      this.ranges.add(left, right)
      return
    }
    let next = right
    const { ranges } = this
    while (ranges.count > 0 && (ranges.left[0] as number) <= next) next = Math.max(next, ranges.shift())
    if (ranges.count === 0) this.ranges = NO_RANGES
    this.next = next
  }
}
