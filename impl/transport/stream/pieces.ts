/**
 * Bytes by position, in pieces that follow each other without gaps. What is written to is found by position, whole pieces
 * are dropped at the front, and nothing is ever moved. Who holds no bytes has none of this.
 */
import { LEAST_PIECE, MOST_PIECE } from './limits.ts'
import { returnPiece, takePiece } from './pool.ts'

/** Of any bytes. A view of a part of them, to `set` it elsewhere, would be garbage of a hundred bytes. */
const copyBytes = Buffer.prototype.copy as (
  this: Uint8Array,
  target: Uint8Array,
  at: number,
  from: number,
  to: number,
) => number

export class Pieces {
  readonly #pieces: Uint8Array[]
  /** The position of the first piece's first byte, and that after the last piece. */
  #start: number
  #end: number
  /** The piece that was used last, and where it begins. */
  #cursor = 0
  #cursorStart: number
  /** Where all began. */
  readonly #origin: number
  #nextBytes: number

  /** From `start` on; the first piece has `firstBytes`, a power of two. */
  constructor(start: number, firstBytes: number) {
    this.#pieces = [takePiece(firstBytes)]
    this.#start = start
    this.#end = start + firstBytes
    this.#cursorStart = start
    this.#origin = start
    this.#nextBytes = Math.min(2 * firstBytes, MOST_PIECE)
  }

  /** Adds pieces until there is room up to `end`: each is twice as long as the one before. */
  cover(end: number): void {
    while (this.#end < end) {
      this.#pieces.push(takePiece(this.#nextBytes))
      this.#end += this.#nextBytes
      this.#nextBytes = Math.min(2 * this.#nextBytes, MOST_PIECE)
    }
  }

  /** Copies `bytes` from `from` up to `to` to `position`; there is room. */
  write(position: number, bytes: Uint8Array, from: number, to: number): void {
    let at = position
    for (let next = from; next < to; ) {
      const piece = this.#find(at)
      const offset = at - this.#cursorStart
      const count = Math.min(to - next, piece.length - offset)
      copyBytes.call(bytes, piece, offset, next, next + count)
      next += count
      at += count
    }
  }

  /** Copies `length` bytes at `position` to `out`. */
  copy(position: number, length: number, out: Uint8Array, at: number): void {
    let next = position
    for (let left = length; left > 0; ) {
      const piece = this.#find(next)
      const offset = next - this.#cursorStart
      const count = Math.min(left, piece.length - offset)
      copyBytes.call(piece, out, at + length - left, offset, offset + count)
      left -= count
      next += count
    }
  }

  /** Lets go of every piece before `position`. */
  drop(position: number): void {
    while (this.#pieces.length > 0 && this.#start + this.#pieces[0]!.length <= position) {
      const piece = this.#pieces.shift()!
      this.#start += piece.length
      returnPiece(piece)
      if (this.#cursor > 0) this.#cursor--
      else this.#cursorStart = this.#start
    }
  }

  /** Nothing is held any more. Returns how long the first piece should be next time: as much as passed up to `position`. */
  end(position: number): number {
    for (const piece of this.#pieces) returnPiece(piece)
    const passed = Math.min(Math.max(position - this.#origin, LEAST_PIECE), MOST_PIECE)
    return 1 << (32 - Math.clz32(passed - 1))
  }

  /** Puts the cursor onto the piece that has `position`. */
  #find(position: number): Uint8Array {
    if (position < this.#cursorStart) {
      this.#cursor = 0
      this.#cursorStart = this.#start
    }
    for (;;) {
      const piece = this.#pieces[this.#cursor]!
      const end = this.#cursorStart + piece.length
      if (position < end) return piece
      this.#cursor++
      this.#cursorStart = end
    }
  }
}
