/** Received bytes, put in order, until the application reads them (RFC 9293, 3.10.7.4). */
import { must } from '../../../checker/text/at.ts'
import { Arrivals, NO_RANGES } from './arrivals.ts'
import { LEAST_PIECE, MOST_PIECE, MOST_PIECE_AHEAD } from './limits.ts'
import { Pieces } from './pieces.ts'

export class ReceiveBuffer extends Arrivals {
  /** Everything before this position has been read. */
  readAt: number
  /** Undefined while the buffer holds no byte. */
  #pieces: Pieces | undefined
  /** The length of the next first piece. */
  #firstBytes = LEAST_PIECE

  constructor(start: number) {
    super(start)
    this.readAt = start
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
    if (left > this.next && !this.mayAdd(left, right)) return false
    this.#pieces ??= new Pieces(this.next, isCrowded ? LEAST_PIECE : this.#firstBytes)
    this.#pieces.cover(right, left > this.next ? MOST_PIECE_AHEAD : MOST_PIECE)
    if (this.ranges.count === 0) this.#pieces.write(left, bytes, from + skip, from + right - position)
    else this.#fill(left, right, bytes, from - position)
    this.arrive(left, right)
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
}
