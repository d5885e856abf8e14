/** ServiceIDs as eight words of 32 bits, and a hash of their beginnings. */
import { seededXoshiro128 } from '../xoshiro.ts'

/** Words of a serviceID. */
export const KEY_WORDS = 8
const WORD_BYTES = 4
/** A prefix has 0 to 8 words that are whole. */
const LENGTHS = KEY_WORDS + 1

/** Reads the serviceID at `at`; its first bit is the highest of the first word. */
export function readKey(bytes: Uint8Array, at: number, words: Int32Array): void {
  for (let i = 0; i < KEY_WORDS; i++) words[i] = wordAt(bytes, at + WORD_BYTES * i)
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

export function writeKey(words: Int32Array, at: number): Uint8Array {
  const bytes = new Uint8Array(KEY_WORDS * WORD_BYTES)
  for (let i = 0; i < bytes.length; i++) bytes[i] = words[at + (i >> 2)]! >>> (24 - 8 * (i & 3))
  return bytes
}

/**
 * Multilinear hashing of halves of words by secret multipliers. Its 17 highest bits are strongly universal (Lemire and
 * Kaser, Strongly universal string hashing is fast, 2014): who chooses serviceIDs cannot make many of them collide.
 */
export class KeyHash {
  /** For each half of a word one, and one summand for each count of words. */
  readonly #multipliers: Int32Array
  readonly #summands: Int32Array

  /** `secret`: 0 to 2^53 - 1. */
  constructor(secret: number) {
    const draw = seededXoshiro128(secret)
    this.#multipliers = Int32Array.from({ length: 2 * KEY_WORDS }, draw)
    this.#summands = Int32Array.from({ length: LENGTHS }, draw)
  }

  /** The hashes of the first 0, 1, ... `most` words, into `hashes`. */
  hash(words: Int32Array, most: number, hashes: Int32Array): void {
    let sum = 0
    hashes[0] = this.#summands[0]!
    for (let i = 0; i < most; i++) {
      sum = this.#add(sum, i, words[i]!)
      hashes[i + 1] = sum + this.#summands[i + 1]!
    }
  }

  /** Reads so many words of the serviceID at `at`, and the next, while it hashes them. */
  read(bytes: Uint8Array, at: number, most: number, words: Int32Array, hashes: Int32Array): void {
    let sum = 0
    hashes[0] = this.#summands[0]!
    for (let i = 0; i < most; i++) {
      const word = wordAt(bytes, at + WORD_BYTES * i)
      words[i] = word
      sum = this.#add(sum, i, word)
      hashes[i + 1] = sum + this.#summands[i + 1]!
    }
    if (most < KEY_WORDS) words[most] = wordAt(bytes, at + WORD_BYTES * most)
  }

  #add(sum: number, index: number, word: number): number {
    const multipliers = this.#multipliers
    const high = Math.imul(multipliers[2 * index]!, word >>> 16)
    return (sum + high + Math.imul(multipliers[2 * index + 1]!, word & 0xffff)) | 0
  }
}
