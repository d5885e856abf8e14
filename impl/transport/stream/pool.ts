/** Reuses pieces of memory, because allocating one costs as much as everything else that is done with its bytes. */
import { LEAST_PIECE, MOST_PIECE } from './limits.ts'

/** The limit for all streams together. */
const MOST_FREE_BYTES = 4 * 1024 * 1024

/** Free pieces by size: index i holds pieces of LEAST_PIECE * 2^i bytes. */
const free: Uint8Array[][] = Array.from({ length: placeOf(MOST_PIECE) + 1 }, () => [])
let freeBytes = 0

function placeOf(bytes: number): number {
  return Math.log2(bytes / LEAST_PIECE)
}

/** Returns a piece of this many bytes: a power of two from LEAST_PIECE to MOST_PIECE. Its contents are undefined. */
export function takePiece(bytes: number): Uint8Array {
  const piece = (free[placeOf(bytes)] as Uint8Array<ArrayBufferLike>[]).pop()
  // Streams read only what they wrote, so the piece need not be zeroed.
  if (piece === undefined) return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
  freeBytes -= bytes
  return piece
}

/** Returns a piece from `takePiece` to the pool. The caller must hold no other reference to it. */
export function returnPiece(piece: Uint8Array): void {
  if (freeBytes + piece.length > MOST_FREE_BYTES) return
  freeBytes += piece.length
  ;(free[placeOf(piece.length)] as Uint8Array<ArrayBufferLike>[]).push(piece)
}
