/** Runs of bytes that arrived ahead of what is missing: sorted, apart from each other, bounded in number. */
import { MOST_RANGES } from './limits.ts'

const FIRST_ROOM = 16
const BYTES_PER_PLACE = 8
/** Of the heap, for the object and its arrays. */
const OVERHEAD = 500
/** Places that are remembered as the newest: some more than can be told, because runs grow together. */
const RECENT = 8
/** Of all that have none. */
const NO_PLACES = new Float64Array(0)

export class Ranges {
  count = 0
  /** Range `i` is from `left[i]` up to `right[i]`. */
  left = NO_PLACES
  right = NO_PLACES
  /** Positions that came last, newest first; below the first range: none. */
  #recent = NO_PLACES

  /** Bytes of memory that these take. */
  get memory(): number {
    return this.count === 0 ? 0 : OVERHEAD + BYTES_PER_PLACE * (2 * this.left.length + this.#recent.length)
  }

  /** False when [from, to) would make one range too many. */
  mayAdd(from: number, to: number): boolean {
    if (this.count < MOST_RANGES) return true
    const i = this.#endingFrom(from)
    return i < this.count && (this.left[i] as number) <= to
  }

  /** Adds a range, which there is room for. */
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

  /** Whether [from, to) is all here. */
  has(from: number, to: number): boolean {
    const i = this.at(from)
    return i >= 0 && (this.right[i] as number) >= to
  }

  /** The index of the range that has `position`; -1 when there is none. */
  at(position: number): number {
    const i = this.#endingFrom(position + 1)
    return i < this.count && (this.left[i] as number) <= position ? i : -1
  }

  /** The index of the first range that shares bytes with [from, to); -1 when there is none. */
  meeting(from: number, to: number): number {
    const i = this.#endingFrom(from + 1)
    return i < this.count && (this.left[i] as number) < to ? i : -1
  }

  /** Takes the first range out and returns its end. */
  shift(): number {
    const end = this.right[0] as number
    if (this.count === 1) this.clear()
    else this.#remove(0, 1)
    return end
  }

  /**
   * Writes the indexes of up to `most` ranges to `out`, newest first, and returns how many there are (RFC 2018, 4). If
   * fewer are remembered as new, they are all that is told.
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

  /** The index of the first range that ends at or after `position`: `count` when there is none. */
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

  /** Puts `position` first, instead of another of the same range, or else the oldest. */
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
