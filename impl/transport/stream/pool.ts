/** Pieces of memory that streams use again, because a new one costs as much as all else that is done to its bytes. */
import { LEAST_PIECE, MOST_PIECE } from './limits.ts'

/** For all streams together. */
const MOST_FREE_BYTES = 4 * 1024 * 1024

/** By their size, a power of two: how often LEAST_PIECE was doubled. */
const free: Uint8Array[][] = Array.from({ length: placeOf(MOST_PIECE) + 1 }, () => [])
let freeBytes = 0

function placeOf(bytes: number): number {
  return Math.log2(bytes / LEAST_PIECE)
}

/** A piece of so many bytes, LEAST_PIECE to MOST_PIECE, a power of two. Anything may stand in it. */
export function takePiece(bytes: number): Uint8Array {
  const piece = (free[placeOf(bytes)] as Uint8Array<ArrayBufferLike>[]).pop()
  // Nobody reads what was not written, so that it need not be filled with 0.
  if (piece === undefined) return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
  freeBytes -= bytes
  return piece
}

/** Gives back a piece that came from `takePiece`, and that nobody has any more. */
export function returnPiece(piece: Uint8Array): void {
  if (freeBytes + piece.length > MOST_FREE_BYTES) return
  freeBytes += piece.length
  ;(free[placeOf(piece.length)] as Uint8Array<ArrayBufferLike>[]).push(piece)
}
