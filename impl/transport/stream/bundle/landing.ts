/**
 * Which positions of one flow of several have arrived. Takes the place of the flow's receive buffer; the bytes go to
 * their place in the data, for all flows together.
 */
import { Arrivals, NO_RANGES } from '../arrivals.ts'
import type { Inbound } from '../inbound.ts'

export class Landing extends Arrivals {
  /** How far the data of the current segment is ahead of its positions. */
  shift = 0
  /** Bytes at the end of the current segment that are no data: 1 for the end of the data. */
  trailer = 0
  readonly #data: Inbound

  /** Goes on from `flow`, which the flow has used so far. */
  constructor(flow: Arrivals, data: Inbound) {
    super(flow.next)
    this.ranges = flow.ranges === NO_RANGES ? NO_RANGES : flow.ranges.copy()
    this.#data = data
  }

  get readAt(): number {
    return this.next
  }

  get memory(): number {
    return this.ranges.memory
  }

  /** Records a segment of the flow if its bytes have arrived as data; else the flow's peer must send them again. */
  insert(position: number, _bytes: Uint8Array, from: number, to: number): boolean {
    const left = Math.max(position, this.next)
    const right = position + to - from
    const end = right + this.shift - this.trailer
    if (right <= left || !this.#data.buffer.has(position + this.shift, end)) return false
    if (this.trailer > 0 && this.#data.finAt !== end) return false
    if (left > this.next && !this.mayAdd(left, right)) return false
    this.arrive(left, right)
    return true
  }

  dropRanges(): void {
    this.ranges = NO_RANGES
  }

  clear(): void {
    this.ranges = NO_RANGES
  }
}
