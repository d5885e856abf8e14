/** The content that the tour transfers. Each byte follows from its position, so both ends can compute it. */

/** Bytes made at a time. */
export const CHUNK_BYTES = 2 ** 16

/** Fills a chunk that begins `offset` bytes into the content; both are multiples of 4. */
export function fillContent(chunk: Uint8Array, offset: number): void {
  const words = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4)
  for (let i = 0; i < words.length; i++) words[i] = mixed(offset / 4 + i)
}

/** A number that looks nothing like its neighbours (the finish of MurmurHash3). */
function mixed(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return h ^ (h >>> 16)
}
