/** ServiceIDs as eight words of 32 bits. */

/** Words of a serviceID, and bits and bytes of a word. */
export const KEY_WORDS = 8
export const WORD_BITS = 32
export const WORD_BYTES = 4

/** Reads the serviceID at `at`; its first bit is the highest of the first word. */
export function readKey(bytes: Uint8Array, at: number, words: Int32Array): void {
  for (let i = 0; i < KEY_WORDS; i++) words[i] = wordAt(bytes, at + WORD_BYTES * i)
}

export const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

export function writeKey(words: Int32Array, at: number): Uint8Array {
  const bytes = new Uint8Array(KEY_WORDS * WORD_BYTES)
  for (let i = 0; i < bytes.length; i++) bytes[i] = words[at + (i >> 2)]! >>> (24 - 8 * (i & 3))
  return bytes
}
