/** Runs of bytes that arrived ahead of what is missing: sorted, apart from each other, bounded in number. */
import { MOST_RANGES } from './limits.ts'

const FIRST_ROOM = 16

export class Ranges {
  count = 0
  /** Range `i` is from `left[i]` up to `right[i]`. */
  left = new Float64Array(0)
  right = new Float64Array(0)
  /** When each last grew, on a count of its own: what is newest is told first (RFC 2018, 4). */
  stamp = new Float64Array(0)
  #clock = 0

  /** Adds a range. False when that would make one too many: nothing is changed then. */
  add(from: number, to: number): boolean {
    // The first that ends at or after `from`: it touches the new one, or is wholly behind it.
    let first = this.count
    while (first > 0 && this.right[first - 1]! >= from) first--
    let next = first
    while (next < this.count && this.left[next]! <= to) next++
    if (next === first) {
      if (this.count === MOST_RANGES) return false
      this.#open(first)
      this.left[first] = from
      this.right[first] = to
    } else {
      this.left[first] = Math.min(from, this.left[first]!)
      this.right[first] = Math.max(to, this.right[next - 1]!)
      this.#remove(first + 1, next)
    }
    this.stamp[first] = ++this.#clock
    return true
  }

  /** Whether [from, to) is all here. */
  has(from: number, to: number): boolean {
    for (let i = this.count - 1; i >= 0; i--) if (this.left[i]! <= from) return this.right[i]! >= to
    return false
  }

  /** Takes the first range out and returns its end. */
  shift(): number {
    const end = this.right[0]!
    this.#remove(0, 1)
    return end
  }

  /** The index of the newest range whose stamp is below `before`; -1 when there is none. */
  newest(before: number): number {
    let found = -1
    let best = 0
    for (let i = 0; i < this.count; i++) {
      const stamp = this.stamp[i]!
      if (stamp > best && stamp < before) {
        best = stamp
        found = i
      }
    }
    return found
  }

  clear(): void {
    this.count = 0
    this.left = this.right = this.stamp = new Float64Array(0)
  }

  #open(at: number): void {
    if (this.count === this.left.length) {
      const room = Math.max(FIRST_ROOM, 2 * this.count)
      this.left = grown(this.left, room)
      this.right = grown(this.right, room)
      this.stamp = grown(this.stamp, room)
    }
    this.left.copyWithin(at + 1, at, this.count)
    this.right.copyWithin(at + 1, at, this.count)
    this.stamp.copyWithin(at + 1, at, this.count)
    this.count++
  }

  #remove(from: number, to: number): void {
    if (from === to) return
    this.left.copyWithin(from, to, this.count)
    this.right.copyWithin(from, to, this.count)
    this.stamp.copyWithin(from, to, this.count)
    this.count -= to - from
  }
}

function grown(from: Float64Array<ArrayBuffer>, room: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(room)
  to.set(from)
  return to
}
