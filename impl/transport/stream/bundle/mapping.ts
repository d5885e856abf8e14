/**
 * The bytes that one flow of several sends: where each position of the flow lies in the data. Takes the place of the
 * flow's own send buffer. A run of positions has one distance to the data; a segment lies within one run.
 */
import type { Source } from './source.ts'

/** Runs before the first in use are removed when there are this many, and more than half of all. */
const MOST_SPENT = 32
const BYTES_PER_RUN = 16

export class Mapping {
  /** The position after the last byte that the flow may send. */
  end: number
  /** Up to this position of the first flow, data positions equal those of the flow. */
  identityEnd: number
  #start: number
  /** Run `i` begins at position `#positions[i]` of the flow and at `#data[i]` of the data. */
  #positions: number[] = []
  #data: number[] = []
  #first = 0
  readonly #source: Source

  /** `isFirst`: the flow is the connection's first, and has sent everything before `start`. */
  constructor(source: Source, start: number, isFirst: boolean) {
    this.#source = source
    this.#start = start
    this.end = start
    this.identityEnd = isFirst ? Number.POSITIVE_INFINITY : 0
    if (isFirst) this.#push(1, 1)
  }

  get size(): number {
    return this.end - this.#start
  }

  get memory(): number {
    return BYTES_PER_RUN * this.#positions.length
  }

  /** The flow's positions from `position` to `end` now stand for the data at `data`. */
  add(position: number, data: number): void {
    const last = this.#positions.length - 1
    if (
      last >= this.#first &&
      data - position === (this.#data[last] as number) - (this.#positions[last] as number)
    )
      return
    this.#push(position, data)
    if (data !== position && position < this.identityEnd) this.identityEnd = position
  }

  /** Returns the data position of a position that was sent and is unacknowledged. */
  dataAt(position: number): number {
    const run = this.#runOf(position)
    return (this.#data[run] as number) + position - (this.#positions[run] as number)
  }

  /** Returns how many bytes from `data` on lie in one run of what is in flight here, from `una` up to `next`; 0 if none. */
  holds(data: number, una: number, next: number): number {
    for (let run = this.#first; run < this.#positions.length; run++) {
      const shift = (this.#positions[run] as number) - (this.#data[run] as number)
      const from = Math.max(una, this.#positions[run] as number)
      const to = run + 1 < this.#positions.length ? (this.#positions[run + 1] as number) : next
      if (data + shift >= from && data + shift < to) return to - data - shift
    }
    return 0
  }

  /** True if the positions from `position` to the last one sent lie in one run, so that one segment can hold them. */
  isContiguous(position: number): boolean {
    return position >= (this.#positions[this.#positions.length - 1] as number)
  }

  /** Copies bytes to `out`. What the peer has by another flow, and the end of the data, leave as zeros. */
  copy(position: number, length: number, out: Uint8Array, at: number): void {
    if (length > 0) this.#source.copy(this.dataAt(position), length, out, at)
  }

  /** Everything before `position` is acknowledged in this flow. */
  drop(position: number): void {
    if (position <= this.#start) return
    this.#start = position
    while (
      this.#first + 1 < this.#positions.length &&
      (this.#positions[this.#first + 1] as number) <= position
    )
      this.#first++
    if (this.#first < MOST_SPENT || 2 * this.#first < this.#positions.length) return
    this.#positions = this.#positions.slice(this.#first)
    this.#data = this.#data.slice(this.#first)
    this.#first = 0
  }

  clear(): void {
    this.#positions = []
    this.#data = []
    this.#first = 0
  }

  #push(position: number, data: number): void {
    this.#positions.push(position)
    this.#data.push(data)
  }

  /** Returns the run of a position: mostly the last one. */
  #runOf(position: number): number {
    let high = this.#positions.length - 1
    if (position >= (this.#positions[high] as number)) return high
    let low = this.#first
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.#positions[middle] as number) <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}
