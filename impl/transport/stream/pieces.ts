/**
 * Bytes by position, in consecutive pieces of memory. A piece is allocated when something is written to it, so gaps
 * take no memory. Whole pieces are dropped at the front, and bytes never move. An empty buffer has no pieces.
 */
import { must } from '../../../checker/text/at.ts'
import { LEAST_PIECE, MOST_PIECE, PIECE_OVERHEAD } from './limits.ts'
import { returnPiece, takePiece } from './pool.ts'

/** Copies part of an array. `set` would need a view of the part, which is about a hundred bytes of garbage. */
const copyBytes = Buffer.prototype.copy as (
  this: Uint8Array,
  target: Uint8Array,
  at: number,
  from: number,
  to: number,
) => number

/** Stands for a piece that has not been written to. */
const UNTOUCHED = new Uint8Array(0)

export class Pieces {
  /** Bytes of memory in allocated pieces. */
  memory = 0
  readonly #pieces: Uint8Array[] = []
  /** The length of each piece, allocated or not. */
  readonly #lengths: number[] = []
  /** The position of the first byte, and the position after the last piece. */
  #start: number
  #end: number
  /** The piece used last, and where it begins. */
  #cursor = 0
  #cursorStart: number
  /** The first position of the stream. */
  readonly #origin: number
  #nextBytes: number

  /** Begins at `start`; the first piece has `firstBytes`, a power of two. */
  constructor(start: number, firstBytes: number) {
    this.#start = start
    this.#end = start
    this.#cursorStart = start
    this.#origin = start
    this.#nextBytes = firstBytes
  }

  /** Adds places for pieces up to `end`. Each is twice as long as the one before, up to `most`. */
  cover(end: number, most = MOST_PIECE): void {
    while (this.#end < end) {
      const length = Math.min(this.#nextBytes, most)
      this.#pieces.push(UNTOUCHED)
      this.#lengths.push(length)
      this.#end += length
      this.#nextBytes = Math.min(2 * this.#nextBytes, MOST_PIECE)
    }
  }

  /** Returns where the allocated memory around `position` ends, or `position` if there is none. */
  heldTo(position: number): number {
    if (position >= this.#end) return position
    const i = this.#find(position)
    return this.#pieces[i] === UNTOUCHED ? position : this.#cursorStart + (this.#lengths[i] as number)
  }

  /** Copies `bytes` from `from` up to `to` to `position`. `cover` must have made room. */
  write(position: number, bytes: Uint8Array, from: number, to: number): void {
    let at = position
    for (let next = from; next < to; ) {
      const i = this.#find(at)
      if (this.#pieces[i] === UNTOUCHED) this.#touch(i)
      const piece = this.#pieces[i] as Uint8Array<ArrayBufferLike>
      const offset = at - this.#cursorStart
      const count = Math.min(to - next, piece.length - offset)
      copyBytes.call(bytes, piece, offset, next, next + count)
      next += count
      at += count
    }
  }

  /** Copies `length` bytes at `position` to `out`. All must have been written. */
  copy(position: number, length: number, out: Uint8Array, at: number): void {
    let next = position
    for (let left = length; left > 0; ) {
      const piece = this.#pieces[this.#find(next)] as Uint8Array<ArrayBufferLike>
      const offset = next - this.#cursorStart
      const count = Math.min(left, piece.length - offset)
      copyBytes.call(piece, out, at + length - left, offset, offset + count)
      left -= count
      next += count
    }
  }

  /** Frees every piece before `position`. */
  drop(position: number): void {
    while (this.#pieces.length > 0 && this.#start + (this.#lengths[0] as number) <= position) {
      this.#start += must(this.#lengths.shift())
      this.#release(must(this.#pieces.shift()))
      if (this.#cursor > 0) this.#cursor--
      else this.#cursorStart = this.#start
    }
  }

  /** Frees everything. Returns a length for the next first piece: as much as passed up to `position`. */
  end(position: number): number {
    for (const piece of this.#pieces) this.#release(piece)
    const passed = Math.min(Math.max(position - this.#origin, LEAST_PIECE), MOST_PIECE)
    return 1 << (32 - Math.clz32(passed - 1))
  }

  #touch(i: number): void {
    this.#pieces[i] = takePiece(this.#lengths[i] as number)
    this.memory += PIECE_OVERHEAD + (this.#lengths[i] as number)
  }

  #release(piece: Uint8Array): void {
    if (piece === UNTOUCHED) return
    this.memory -= PIECE_OVERHEAD + piece.length
    returnPiece(piece)
  }

  /** Moves the cursor to the piece that contains `position`, and returns its index. */
  #find(position: number): number {
    if (position < this.#cursorStart) {
      this.#cursor = 0
      this.#cursorStart = this.#start
    }
    for (;;) {
      const end = this.#cursorStart + (this.#lengths[this.#cursor] as number)
      if (position < end) return this.#cursor
      this.#cursor++
      this.#cursorStart = end
    }
  }
}
