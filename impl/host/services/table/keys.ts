/** ServiceIDs as eight words of 32 bits. */

/** Words of a serviceID, and bits and bytes of a word. */
export const KEY_WORDS = 8
export const WORD_BITS = 32
export const WORD_BYTES = 4

/** Offsets in packets are small. Masked like this they are small for V8 too, and need no overflow checks. */
const PLACE_MASK = 2 ** 28 - 1

/** Reads the serviceID at `at` into `words`, from `to` on; its first bit is the highest of the first word. */
export function readKey(bytes: Uint8Array, at: number, words: Int32Array, to = 0): void {
  for (let i = 0; i < KEY_WORDS; i++) words[to + i] = wordAt(bytes, at + WORD_BYTES * i)
}

export function wordAt(bytes: Uint8Array, at: number): number {
  const from = at & PLACE_MASK
  return (
    ((bytes[from] as number) << 24) |
    ((bytes[from + 1] as number) << 16) |
    ((bytes[from + 2] as number) << 8) |
    (bytes[from + 3] as number)
  )
}

export function writeKey(words: Int32Array, at: number): Uint8Array {
  const bytes = new Uint8Array(KEY_WORDS * WORD_BYTES)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (words[at + (i >> 2)] as number) >>> (24 - 8 * (i & 3))
  return bytes
}
