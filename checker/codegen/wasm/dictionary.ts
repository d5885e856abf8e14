/**
 * The dictionary of a word: a hash table of codes by value, and the values by code. Codes begin at 1; in the place of the
 * value of code 0 stands how many there are.
 */

/** Slots of the hash table, a power of two, of which at most three quarters are used. */
export const SLOTS = 2 ** 14
export const MOST_CODES = (SLOTS / 4) * 3 - 1

/** Where in a dictionary the values are, and how long it is, in bytes. */
export const CODES = 4 * SLOTS
export const DICTIONARY = 2 * CODES

/** The value of `code` in the dictionary of `word`. */
export function decode(dictionaries: Int32Array, word: number, code: number): number {
  return dictionaries[(DICTIONARY * word + CODES) / 4 + code] as number
}

/** Whether some value of some word had no code. */
export function ranOut(dictionaries: Int32Array, words: number): boolean {
  return Array.from({ length: words }, (_, word) => decode(dictionaries, word, 0)).some(
    count => count > MOST_CODES,
  )
}
