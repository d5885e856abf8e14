/** Ranges of bytes that arrived beyond a gap: sorted, disjoint, limited in number. */
import { MOST_RANGES } from './limits.ts'

const FIRST_ROOM = 16
const BYTES_PER_PLACE = 8
/** Heap bytes of the object and its arrays. */
const OVERHEAD = 500
/** How many recent positions are remembered: more than fit in an option, because ranges merge. */
const RECENT = 8
/** Shared by all streams that have no ranges. */
const NO_PLACES = new Float64Array(0)

export class Ranges {
  count = 0
  /** Range `i` is from `left[i]` up to `right[i]`. */
  left = NO_PLACES
  right = NO_PLACES
  /** Recently received positions, newest first. One below the first range is unused. */
  #recent = NO_PLACES

  /** Bytes of memory that the ranges take. */
  get memory(): number {
    return this.count === 0 ? 0 : OVERHEAD + BYTES_PER_PLACE * (2 * this.left.length + this.#recent.length)
  }

  copy(): Ranges {
    const copy = new Ranges()
    copy.count = this.count
    copy.left = this.left.slice()
    copy.right = this.right.slice()
    copy.#recent = this.#recent.slice()
    return copy
  }

  /** False if [from, to) would exceed the limit on ranges. */
  mayAdd(from: number, to: number): boolean {
    if (this.count < MOST_RANGES) return true
    const i = this.#endingFrom(from)
    return i < this.count && (this.left[i] as number) <= to
  }

  /** Adds a range; check `mayAdd` first. */
  add(from: number, to: number): void {
    const first = this.#endingFrom(from)
    let next = first
    while (next < this.count && (this.left[next] as number) <= to) next++
    if (next === first) {
      this.#open(first)
      this.left[first] = from
      this.right[first] = to
    } else {
      this.left[first] = Math.min(from, this.left[first] as number)
      this.right[first] = Math.max(to, this.right[next - 1] as number)
      this.#remove(first + 1, next)
    }
    this.#remember(from)
  }

  /** True if all of [from, to) has arrived. */
  has(from: number, to: number): boolean {
    const i = this.at(from)
    return i >= 0 && (this.right[i] as number) >= to
  }

  /** Returns the index of the range that contains `position`, or -1. */
  at(position: number): number {
    const i = this.#endingFrom(position + 1)
    return i < this.count && (this.left[i] as number) <= position ? i : -1
  }

  /** Returns the index of the first range that overlaps [from, to), or -1. */
  meeting(from: number, to: number): number {
    const i = this.#endingFrom(from + 1)
    return i < this.count && (this.left[i] as number) < to ? i : -1
  }

  /** Removes the first range and returns its end. */
  shift(): number {
    const end = this.right[0] as number
    if (this.count === 1) this.clear()
    else this.#remove(0, 1)
    return end
  }

  /**
   * Writes the indexes of up to `most` ranges to `out`, newest first, and returns their number (RFC 2018, 4). Reports
   * only ranges that are remembered as recent.
   */
  newest(out: Int32Array, most: number): number {
    let count = 0
    for (let r = 0; r < this.#recent.length && count < most; r++) {
      const i = this.at(this.#recent[r] as number)
      let isNew = i >= 0
      for (let j = 0; j < count && isNew; j++) isNew = out[j] !== i
      if (isNew) out[count++] = i
    }
    return count
  }

  clear(): void {
    this.count = 0
    this.left = this.right = this.#recent = NO_PLACES
  }

  /** Returns the index of the first range that ends at or after `position`, or `count`. */
  #endingFrom(position: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.right[middle] as number) < position) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Puts `position` first, in place of another position of the same range, or else of the oldest. */
  #remember(position: number): void {
    if (this.#recent.length === 0) this.#recent = new Float64Array(RECENT).fill(-1)
    const recent = this.#recent
    const range = this.at(position)
    let place = 0
    while (place < RECENT - 1 && this.at(recent[place] as number) !== range) place++
    recent.copyWithin(1, 0, place)
    recent[0] = position
  }

  #open(at: number): void {
    if (this.count === this.left.length) {
      const room = Math.max(FIRST_ROOM, 2 * this.count)
      this.left = grown(this.left, room)
      this.right = grown(this.right, room)
    }
    this.left.copyWithin(at + 1, at, this.count)
    this.right.copyWithin(at + 1, at, this.count)
    this.count++
  }

  #remove(from: number, to: number): void {
    if (from === to) return
    this.left.copyWithin(from, to, this.count)
    this.right.copyWithin(from, to, this.count)
    this.count -= to - from
  }
}

function grown(from: Float64Array<ArrayBuffer>, room: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(room)
  to.set(from)
  return to
}
