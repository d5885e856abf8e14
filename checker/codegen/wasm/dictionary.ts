/**
 * The dictionary of a word: a hash table from values to codes, and a list from codes to values. Codes begin at
 * 1. The place of the value of code 0 holds the number of codes.
 */

/** Slots of the hash table, a power of two. At most three quarters are used. */
export const SLOTS = 2 ** 14
export const MOST_CODES = (SLOTS / 4) * 3 - 1

/** The offset of the values in a dictionary, and the length of a dictionary, in bytes. */
export const CODES = 4 * SLOTS
export const DICTIONARY = 2 * CODES

/** Returns the value of `code` in the dictionary of `word`. */
export function decode(dictionaries: Int32Array, word: number, code: number): number {
  return dictionaries[(DICTIONARY * word + CODES) / 4 + code] as number
}

/** Reports whether a dictionary ran out of codes. */
export function ranOut(dictionaries: Int32Array, words: number): boolean {
  return Array.from({ length: words }, (_, word) => decode(dictionaries, word, 0)).some(
    count => count > MOST_CODES,
  )
}
