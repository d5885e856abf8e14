/** Pieces of memory that streams use again, because a new one costs as much as all else that is done to its bytes. */
import { MOST_PIECE } from './limits.ts'

/** 4 MiB for all streams together. */
const MOST_FREE = 64

const free: Uint8Array[] = []

/** With anything in it: nobody reads what was not written. */
export const newPiece = (bytes: number): Uint8Array => new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)

/** A piece of MOST_PIECE bytes, with anything in it. */
export const takePiece = (): Uint8Array => free.pop() ?? newPiece(MOST_PIECE)

/** Gives back a piece that came from `takePiece`, and that nobody has any more. */
export function returnPiece(piece: Uint8Array): void {
  if (free.length < MOST_FREE) free.push(piece)
}
