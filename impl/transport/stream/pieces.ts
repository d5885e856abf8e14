/**
 * Bytes by position, in pieces that follow each other without gaps. What is written to is found by position, whole pieces
 * are dropped at the front, and nothing is ever moved.
 */
import { LEAST_PIECE, MOST_PIECE } from './limits.ts'
import { newPiece, returnPiece, takePiece } from './pool.ts'

const FIRST_PLACES = 4
const NOTHING = new Uint8Array(0)

export class Pieces {
  /** A ring: piece `i` stands at `i & mask`. */
  #bytes: Uint8Array[] = Array<Uint8Array>(FIRST_PLACES).fill(NOTHING)
  /** The position after each piece. */
  #ends = new Float64Array(FIRST_PLACES)
  /** 1: from the pool, and to go back there. */
  #pooled = new Uint8Array(FIRST_PLACES)
  #mask = FIRST_PLACES - 1
  #head = 0
  #tail = 0
  /** The position of the first piece's first byte. */
  #start: number
  #end: number
  /** The piece that was used last, and where it begins. */
  #cursor = 0
  #cursorStart: number
  #nextBytes = LEAST_PIECE

  constructor(start: number) {
    this.#start = start
    this.#end = start
    this.#cursorStart = start
  }

  /** The position after the last piece. */
  get end(): number {
    return this.#end
  }

  /** Adds pieces until there is room up to `end`; from the pool, if nobody else will have them. */
  cover(end: number, isPooled: boolean): void {
    while (this.#end < end) {
      if (isPooled && this.#nextBytes === MOST_PIECE) {
        this.add(takePiece())
        this.#pooled[(this.#tail - 1) & this.#mask] = 1
      } else this.add(newPiece(this.#nextBytes))
      this.#nextBytes = Math.min(2 * this.#nextBytes, MOST_PIECE)
    }
  }

  /** Adds `piece` itself behind the others. */
  add(piece: Uint8Array): void {
    if (this.#tail - this.#head > this.#mask) this.#grow()
    if (this.#tail === this.#head) {
      this.#cursor = this.#head
      this.#cursorStart = this.#start
    }
    this.#end += piece.length
    this.#bytes[this.#tail & this.#mask] = piece
    this.#ends[this.#tail & this.#mask] = this.#end
    this.#pooled[this.#tail & this.#mask] = 0
    this.#tail++
  }

  /** Ends the last piece at `end`, where nothing was written yet, so that another can follow there. */
  cut(end: number): void {
    if (this.#tail === this.#head || end >= this.#end) return
    const place = (this.#tail - 1) & this.#mask
    const piece = this.#bytes[place]!
    this.#bytes[place] = piece.subarray(0, piece.length - (this.#end - end))
    this.#pooled[place] = 0
    this.#ends[place] = end
    this.#end = end
  }

  /** Copies `bytes` from `from` up to `to` to `position`; there is room. */
  write(position: number, bytes: Uint8Array, from: number, to: number): void {
    let at = position
    for (let next = from; next < to; ) {
      const piece = this.#find(at)
      const offset = at - this.#cursorStart
      const count = Math.min(to - next, piece.length - offset)
      piece.set(next === 0 && count === bytes.length ? bytes : bytes.subarray(next, next + count), offset)
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
      out.set(piece.subarray(offset, offset + count), at + length - left)
      left -= count
      next += count
    }
  }

  /** The bytes at `position` to be kept by the caller: up to `most`, or as many as their piece has. */
  view(position: number, most: number): Uint8Array {
    const piece = this.#find(position)
    const offset = position - this.#cursorStart
    const end = Math.min(offset + most, piece.length)
    return this.#pooled[this.#cursor & this.#mask] ? piece.slice(offset, end) : piece.subarray(offset, end)
  }

  /** Lets go of every piece before `position`. */
  drop(position: number): void {
    while (this.#head < this.#tail) {
      const place = this.#head & this.#mask
      if (this.#ends[place]! > position) return
      if (this.#pooled[place]) returnPiece(this.#bytes[place]!)
      this.#start = this.#ends[place]!
      this.#bytes[place] = NOTHING
      if (this.#cursor === this.#head++) {
        this.#cursor = this.#head
        this.#cursorStart = this.#start
      }
    }
  }

  clear(): void {
    this.drop(this.#end)
  }

  /** Puts the cursor onto the piece that has `position`. */
  #find(position: number): Uint8Array {
    if (position < this.#cursorStart) {
      this.#cursor = this.#head
      this.#cursorStart = this.#start
    }
    for (;;) {
      const place = this.#cursor & this.#mask
      const end = this.#ends[place]!
      if (position < end) return this.#bytes[place]!
      this.#cursor++
      this.#cursorStart = end
    }
  }

  #grow(): void {
    const count = this.#tail - this.#head
    const bytes = Array<Uint8Array>(2 * count).fill(NOTHING)
    const ends = new Float64Array(2 * count)
    const pooled = new Uint8Array(2 * count)
    const mask = 2 * count - 1
    for (let i = this.#head; i < this.#tail; i++) {
      bytes[i & mask] = this.#bytes[i & this.#mask]!
      ends[i & mask] = this.#ends[i & this.#mask]!
      pooled[i & mask] = this.#pooled[i & this.#mask]!
    }
    this.#bytes = bytes
    this.#ends = ends
    this.#pooled = pooled
    this.#mask = mask
  }
}
