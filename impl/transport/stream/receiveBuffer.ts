/** Received bytes, put in order, until the application reads them (RFC 9293, 3.10.7.4). */
import { must } from '../../../checker/text/at.ts'
import { LEAST_PIECE, MOST_PIECE, MOST_PIECE_AHEAD } from './limits.ts'
import { Pieces } from './pieces.ts'
import { Ranges } from './ranges.ts'

/** Shared by all buffers without ranges. Never modified. */
const NO_RANGES = new Ranges()

export class ReceiveBuffer {
  /** Everything before this position has been read. */
  readAt: number
  /** Everything before this position has arrived. */
  next: number
  /** The ranges that have arrived beyond `next`. */
  ranges = NO_RANGES
  /** Undefined while the buffer holds no byte. */
  #pieces: Pieces | undefined
  /** The length of the next first piece. */
  #firstBytes = LEAST_PIECE

  constructor(start: number) {
    this.readAt = start
    this.next = start
  }

  /** Bytes that can be read. */
  get readable(): number {
    return this.next - this.readAt
  }

  /** Bytes that have arrived and are unread, in order or not. */
  get size(): number {
    let sum = this.readable
    for (let i = 0; i < this.ranges.count; i++)
      sum += (this.ranges.right[i] as number) - (this.ranges.left[i] as number)
    return sum
  }

  /** Bytes of memory that the buffer takes. */
  get memory(): number {
    return this.#pieces === undefined ? 0 : this.#pieces.memory + this.ranges.memory
  }

  /** True if all of [from, to) has arrived, read or not. */
  has(from: number, to: number): boolean {
    return to <= Math.max(from, this.next) || this.ranges.has(Math.max(from, this.next), to)
  }

  /**
   * Takes `bytes` from `from` up to `to`, whose place is `position`, within the window. Bytes that arrived earlier win.
   * While memory is short (`isCrowded`), takes only bytes in order that fit the memory it holds, or the smallest piece.
   * Returns false if it took nothing: all were duplicates, memory is short, or there are too many ranges.
   */
  insert(position: number, bytes: Uint8Array, from: number, to: number, isCrowded = false): boolean {
    const skip = Math.max(0, this.next - position)
    const left = position + skip
    const right = isCrowded ? this.#squeeze(left, position + to - from) : position + to - from
    if (right <= left) return false
    if (left > this.next) {
      if (this.ranges.has(left, right)) return false
      if (this.ranges === NO_RANGES) this.ranges = new Ranges()
      if (!this.ranges.mayAdd(left, right)) return false
    }
    this.#pieces ??= new Pieces(this.next, isCrowded ? LEAST_PIECE : this.#firstBytes)
    this.#pieces.cover(right, left > this.next ? MOST_PIECE_AHEAD : MOST_PIECE)
    if (this.ranges.count === 0) this.#pieces.write(left, bytes, from + skip, from + right - position)
    else this.#fill(left, right, bytes, from - position)
    if (left === this.next) this.#advance(right)
    else this.ranges.add(left, right)
    return true
  }

  /** Returns the next bytes, at most `most`, which then belong to the caller; undefined if there are none. */
  read(most: number): Buffer | undefined {
    const count = Math.min(most, this.readable)
    if (!(count > 0)) return undefined
    const bytes = Buffer.allocUnsafe(count)
    this.readInto(bytes)
    return bytes
  }

  /** Copies the next bytes into `target` and returns their number. */
  readInto(target: Uint8Array): number {
    const count = Math.min(target.length, this.readable)
    if (count <= 0) return 0
    must(this.#pieces).copy(this.readAt, count, target, 0)
    this.readAt += count
    if (this.readAt === this.next && this.ranges.count === 0) this.clear()
    else must(this.#pieces).drop(this.readAt)
    return count
  }

  clear(): void {
    this.ranges = NO_RANGES
    this.readAt = this.next
    if (this.#pieces === undefined) return
    this.#firstBytes = this.#pieces.end(this.next)
    this.#pieces = undefined
  }

  /** Drops everything beyond the bytes in order. */
  dropRanges(): void {
    this.ranges = NO_RANGES
    if (this.readAt === this.next) this.clear()
  }

  /** Returns how far bytes at `left` may reach without allocating another piece. */
  #squeeze(left: number, right: number): number {
    if (left > this.next) return left
    return Math.min(right, this.#pieces === undefined ? left + LEAST_PIECE : this.#pieces.heldTo(left))
  }

  /**
   * Writes the missing parts of [left, right); bytes that arrived first stay. Position + `offset` is the index in
   * `bytes`.
   */
  #fill(left: number, right: number, bytes: Uint8Array, offset: number): void {
    const { ranges } = this
    let at = left
    for (
      let i = ranges.meeting(left, right);
      i >= 0 && i < ranges.count && (ranges.left[i] as number) < right;
      i++
    ) {
      const until = ranges.left[i] as number
      if (at < until) must(this.#pieces).write(at, bytes, at + offset, until + offset)
      at = ranges.right[i] as number
    }
    if (at < right) must(this.#pieces).write(at, bytes, at + offset, right + offset)
  }

  /** Everything before `right` has arrived, perhaps followed by a range that begins there. */
  #advance(right: number): void {
    let next = right
    const { ranges } = this
    while (ranges.count > 0 && (ranges.left[0] as number) <= next) next = Math.max(next, ranges.shift())
    if (ranges.count === 0) this.ranges = NO_RANGES
    this.next = next
  }
}
