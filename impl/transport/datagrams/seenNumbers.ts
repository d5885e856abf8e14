/**
 * Recognizes messages that have arrived before, by their numbers: a window of bits that ends at the newest number (RFC 6479).
 */
import { MOST_NUMBER } from '../../../spec/wire/datagram.ts'

const WORD_BITS = 32
/** A power of two, and 512 bytes. */
const WORDS = 128
/**
 * The number of newest numbers for which the window knows which have arrived. If two paths carry 100 Mb/s, and one is 400 ms slower,
 * its messages arrive 3,400 numbers late.
 */
export const WINDOW_NUMBERS = (WORDS - 1) * WORD_BITS
/**
 * So many old numbers in a row, and nothing else, show that one forged number has led the window astray: it begins again. With less, a
 * path that was stalled would deliver duplicates: hundreds of its packets may arrive before the next one of another path.
 */
export const MOST_OLD = 1024

/** Results of `take`. */
export const FRESH = 0
export const REPEATED = 1
export const OLD = 2

export class SeenNumbers {
  readonly #words = new Uint32Array(WORDS)
  #newest = -1
  #oldInARow = 0

  /** Notes a number. Returns FRESH for one that has not come before. */
  take(number: number): number {
    // The difference on the circle of numbers, which has 29 bits.
    const ahead = this.#newest < 0 ? 0 : ((number - this.#newest) << 3) >> 3
    if (ahead <= -WINDOW_NUMBERS && ++this.#oldInARow <= MOST_OLD) return OLD
    if (this.#newest < 0 || ahead <= -WINDOW_NUMBERS) this.#begin(number)
    else if (ahead > 0) this.#advance(number, ahead)
    this.#oldInARow = 0
    const word = (number / WORD_BITS) & (WORDS - 1)
    const bit = 1 << (number % WORD_BITS)
    if ((this.#words[word] as number) & bit) return REPEATED
    this.#words[word] = (this.#words[word] as number) | bit
    return FRESH
  }

  #begin(number: number): void {
    this.#words.fill(0)
    this.#newest = number
  }

  #advance(number: number, ahead: number): void {
    const from = Math.floor(this.#newest / WORD_BITS)
    const words = Math.floor(((this.#newest % WORD_BITS) + ahead) / WORD_BITS)
    for (let i = 1; i <= Math.min(words, WORDS); i++) this.#words[(from + i) & (WORDS - 1)] = 0
    this.#newest = number
  }
}

/** Returns the number after `number`. */
export const following = (number: number): number => (number + 1) & MOST_NUMBER
