/** Pieces of memory that streams use again, because a new one costs as much as all else that is done to its bytes. */
import { MOST_PIECE } from './limits.ts'

/** 4 MiB for all streams together. */
const MOST_FREE = 256

const free: Uint8Array[] = []

/** A piece of MOST_PIECE bytes, with anything in it. */
export const takePiece = (): Uint8Array => free.pop() ?? new Uint8Array(MOST_PIECE)

/** Gives back a piece that came from `takePiece`, and that nobody has any more. */
export function returnPiece(piece: Uint8Array): void {
  if (free.length < MOST_FREE) free.push(piece)
}
