/**
 * From a prefix to the row of its first rule, and from a serviceID to its longest prefixes. A prefix of 32 k + r bits is
 * found by hash under its first k words, among the others that have these and less than one word more, in a trie. So a
 * search takes one probe for each k that occurs, four or so for names, however many prefixes there are.
 */
import { KEY_WORDS, KeyHash, readKey } from './keys.ts'
import type { RuleRows } from './ruleRows.ts'
import { WordTries } from './wordTries.ts'

const WORD_BITS = 32
const LEAST_CAPACITY = 16
/** Of every 8 slots at most so many are taken. */
const LOAD = 5

/** A slot holds a tree's branch, 0 for none, and above it bits of the hash, which tell most strangers at once. */
const BRANCH_BITS = 21
const BRANCH_MASK = (1 << BRANCH_BITS) - 1
/** Rows and nodes are numbers of one bit less. */
export const ROWS_LIMIT = 2 ** (BRANCH_BITS - 1) - 1

const FREE = 0
const NONE = -1

export class PrefixIndex {
  readonly #rules: RuleRows
  readonly #hash: KeyHash
  readonly #tries: WordTries
  #slots = new Int32Array(LEAST_CAPACITY)
  #shift = WORD_BITS - Math.log2(LEAST_CAPACITY)
  #taken = 0
  /** How many trees there are under so many words. */
  readonly #trees = new Int32Array(KEY_WORDS + 1)
  #mostWords = -1
  /** Of the serviceID at hand, with a word of 0 after the last. */
  readonly #words = new Int32Array(KEY_WORDS + 1)
  readonly #hashes = new Int32Array(KEY_WORDS + 1)
  readonly #scratch = new Int32Array(KEY_WORDS)
  /** What the last search for a tree ended at. */
  #near = 0

  /** `secret`: 0 to 2^53 - 1. */
  constructor(rules: RuleRows, secret: number) {
    this.#rules = rules
    this.#hash = new KeyHash(secret)
    this.#tries = new WordTries(rules.limit)
  }

  /** The row of the longest live prefix of the serviceID at `at`; 0: none. */
  longest(bytes: Uint8Array, at: number): number {
    const most = this.#mostWords
    if (most < 0) return 0
    this.#hash.read(bytes, at, most, this.#words, this.#hashes)
    for (let count = most; count >= 0; count--) {
      const slot = this.#trees[count] === 0 ? NONE : this.#find(count)
      if (slot === NONE) continue
      const row = this.#longestAt(slot, count)
      if (row !== 0) return row
    }
    return 0
  }

  /** The row of exactly this prefix; 0: none. */
  get(id: Uint8Array, bits: number): number {
    readKey(id, 0, this.#words)
    const count = this.#hashed(bits)
    const slot = this.#find(count)
    if (slot === NONE) return 0
    const word = this.#words[count]!
    const row = this.#tries.at(this.#branch(slot), word, bits % WORD_BITS)
    return row !== 0 && this.#rules.bitsOf(row) === bits && this.#rules.wordOf(row, count) === word ? row : 0
  }

  /** Lets a row be found by its prefix, which no other has. */
  add(row: number): void {
    const bits = this.#rules.bitsOf(row)
    readRow(this.#rules, row, this.#words)
    const count = this.#hashed(bits)
    const slot = this.#find(count)
    if (slot === NONE) {
      this.#insert(count, 2 * row)
      return
    }
    const near = this.#near
    const nearWord = this.#rules.wordOf(near, count)
    const nearBits = this.#rules.bitsOf(near) % WORD_BITS
    const word = this.#words[count]!
    this.#setBranch(
      slot,
      this.#tries.add(this.#branch(slot), word, bits % WORD_BITS, row, nearWord, nearBits),
    )
  }

  /** Instead of a row, another is found by its prefix; 0: none, the prefix is gone. */
  replace(old: number, row: number): void {
    const bits = this.#rules.bitsOf(old)
    readRow(this.#rules, old, this.#words)
    const count = this.#hashed(bits)
    const slot = this.#find(count)
    const word = this.#words[count]!
    const branch = this.#tries.replace(this.#branch(slot), word, bits % WORD_BITS, row)
    if (branch === 0) this.#delete(slot, count)
    else this.#setBranch(slot, branch)
  }

  /** Hashes the words at hand as far as a prefix of so many bits has whole ones. */
  #hashed(bits: number): number {
    const count = Math.floor(bits / WORD_BITS)
    this.#hash.hash(this.#words, count, this.#hashes)
    return count
  }

  #longestAt(slot: number, count: number): number {
    const rules = this.#rules
    const near = this.#near
    const word = this.#words[count]!
    const agreed = Math.clz32(word ^ rules.wordOf(near, count))
    if (agreed >= rules.bitsOf(near) % WORD_BITS && rules.isLive(near)) return near
    return this.#tries.longest(this.#branch(slot), word, agreed, rules)
  }

  /** The slot of the tree under the first `count` words at hand, or NONE; and its row that is nearest to the next. */
  #find(count: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    const hash = this.#hashes[count]!
    for (let at = hash >>> this.#shift; slots[at] !== FREE; at = (at + 1) & mask) {
      const slot = slots[at]!
      if ((slot ^ (hash << BRANCH_BITS)) >>> BRANCH_BITS !== 0) continue
      const near = this.#tries.nearest(slot & BRANCH_MASK, this.#words[count]!)
      if (!this.#rules.hasWords(near, this.#words, count)) continue
      this.#near = near
      return at
    }
    return NONE
  }

  #branch(slot: number): number {
    return this.#slots[slot]! & BRANCH_MASK
  }

  #setBranch(slot: number, branch: number): void {
    this.#slots[slot] = (this.#slots[slot]! & ~BRANCH_MASK) | branch
  }

  /** A tree under the words at hand. */
  #insert(count: number, branch: number): void {
    if (8 * (this.#taken + 1) > LOAD * this.#slots.length) this.#grow()
    this.#place((this.#hashes[count]! << BRANCH_BITS) | branch, this.#hashes[count]!)
    this.#taken++
    this.#trees[count]!++
    this.#mostWords = Math.max(this.#mostWords, count)
  }

  #place(slot: number, hash: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let at = hash >>> this.#shift
    while (slots[at] !== FREE) at = (at + 1) & mask
    slots[at] = slot
  }

  /** What follows a gap moves back into it, unless its home lies between (Knuth, 6.4, algorithm R). */
  #delete(slot: number, count: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let gap = slot
    for (let at = (gap + 1) & mask; slots[at] !== FREE; at = (at + 1) & mask) {
      const home = this.#hashOf(slots[at]! & BRANCH_MASK) >>> this.#shift
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      slots[gap] = slots[at]!
      gap = at
    }
    slots[gap] = FREE
    this.#taken--
    this.#trees[count]!--
    while (this.#mostWords >= 0 && this.#trees[this.#mostWords] === 0) this.#mostWords--
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Int32Array(2 * old.length)
    this.#shift--
    const hashes = this.#hashes.slice()
    for (const slot of old) if (slot !== FREE) this.#place(slot, this.#hashOf(slot & BRANCH_MASK))
    this.#hashes.set(hashes)
  }

  /** Of the words that all rows of a tree have. */
  #hashOf(branch: number): number {
    const row = this.#tries.nearest(branch, 0)
    const count = Math.floor(this.#rules.bitsOf(row) / WORD_BITS)
    readRow(this.#rules, row, this.#scratch)
    this.#hash.hash(this.#scratch, count, this.#hashes)
    return this.#hashes[count]!
  }
}

function readRow(rules: RuleRows, row: number, words: Int32Array): void {
  for (let i = 0; i < KEY_WORDS; i++) words[i] = rules.wordOf(row, i)
}
