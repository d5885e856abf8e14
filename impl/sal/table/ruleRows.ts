/**
 * The rules of a table, one row each, in typed arrays: what a rule takes is what stands here. Rows are numbered from 1,
 * and a row that is given back is used again. Rules for the same prefix are chained.
 */
import { grown, LEAST_ROWS, longer } from './growth.ts'
import { KEY_WORDS, readKey, writeKey } from './keys.ts'

/** A row of 80 bytes, so that all that a resolution looks at is side by side, seen as words and as numbers. */
const ROW_BYTES = 80
const ROW_INTS = ROW_BYTES / 4
const ROW_NUMBERS = ROW_BYTES / 8
/** Words: first the serviceID; then the next row of the chain with the length of the prefix, in bits, below it. */
const LINK = KEY_WORDS
const PRIORITY = LINK + 1
const WEIGHT = LINK + 2
/** Numbers: what the rule does; packets that it was chosen for, their bytes, and how many of them were dropped. */
const TARGET = 6
const PACKETS = 7
const BYTES = 8
const DROPS = 9

const LENGTH_BITS = 9
const LENGTH_MASK = (1 << LENGTH_BITS) - 1
/** The length in a row that is not in use. */
const FREE = LENGTH_MASK

export class RuleRows {
  readonly limit: number
  #ints = new Int32Array(ROW_INTS * LEAST_ROWS)
  #numbers = new Float64Array(this.#ints.buffer)
  #unused = 1
  #free = 0
  #size = 0

  /** `limit`: the most rules. */
  constructor(limit: number) {
    this.limit = limit
  }

  get size(): number {
    return this.#size
  }

  /** Above every row in use. */
  get end(): number {
    return this.#unused
  }

  isUsed(row: number): boolean {
    return row > 0 && row < this.#unused && this.bitsOf(row) !== FREE
  }

  /** The row of a new rule at the end of its chain, which `head` begins (0: none). There is room. */
  add(id: Uint8Array, bits: number, target: number, head: number): number {
    const row = this.#newRow()
    const at = ROW_INTS * row
    readKey(id, 0, this.#ints.subarray(at, at + KEY_WORDS))
    this.#ints[at + LINK] = bits
    const from = ROW_NUMBERS * row
    this.#numbers[from + TARGET] = target
    this.#numbers.fill(0, from + PACKETS, from + ROW_NUMBERS)
    let last = head
    while (last !== 0 && this.nextOf(last) !== 0) last = this.nextOf(last)
    if (last !== 0) this.#setNext(last, row)
    return row
  }

  /** Gives a row back that is in the chain which `head` begins. */
  remove(row: number, head: number): void {
    const next = this.nextOf(row)
    if (head !== row) {
      let before = head
      while (this.nextOf(before) !== row) before = this.nextOf(before)
      this.#setNext(before, next)
    }
    this.#ints[ROW_INTS * row + LINK] = (this.#free << LENGTH_BITS) | FREE
    this.#free = row
    this.#size--
  }

  rank(row: number, priority: number, weight: number): void {
    this.#ints[ROW_INTS * row + PRIORITY] = priority
    this.#ints[ROW_INTS * row + WEIGHT] = weight
  }

  count(row: number, bytes: number): void {
    const at = ROW_NUMBERS * row
    this.#numbers[at + PACKETS]!++
    this.#numbers[at + BYTES]! += bytes
  }

  countDrop(row: number): void {
    this.#numbers[ROW_NUMBERS * row + DROPS]!++
  }

  nextOf(row: number): number {
    return this.#ints[ROW_INTS * row + LINK]! >>> LENGTH_BITS
  }

  bitsOf(row: number): number {
    return this.#ints[ROW_INTS * row + LINK]! & LENGTH_MASK
  }

  priorityOf(row: number): number {
    return this.#ints[ROW_INTS * row + PRIORITY]! >>> 0
  }

  weightOf(row: number): number {
    return this.#ints[ROW_INTS * row + WEIGHT]! >>> 0
  }

  targetOf(row: number): number {
    return this.#numbers[ROW_NUMBERS * row + TARGET]!
  }

  packetsOf(row: number): number {
    return this.#numbers[ROW_NUMBERS * row + PACKETS]!
  }

  bytesOf(row: number): number {
    return this.#numbers[ROW_NUMBERS * row + BYTES]!
  }

  dropsOf(row: number): number {
    return this.#numbers[ROW_NUMBERS * row + DROPS]!
  }

  idOf(row: number): Uint8Array {
    return writeKey(this.#ints, ROW_INTS * row)
  }

  /** Whether one of the chain of this row has any weight. */
  isLive(head: number): boolean {
    for (let row = head; row !== 0; row = this.nextOf(row)) if (this.weightOf(row) > 0) return true
    return false
  }

  /** 0 after the last word. */
  wordOf(row: number, index: number): number {
    return index < KEY_WORDS ? this.#ints[ROW_INTS * row + index]! : 0
  }

  /** Whether a row's prefix has `count` whole words, and they are these. */
  hasWords(row: number, words: Int32Array, count: number): boolean {
    if (this.bitsOf(row) >> 5 !== count) return false
    const ints = this.#ints
    for (let i = 0, at = ROW_INTS * row; i < count; i++, at++) if (ints[at] !== words[i]) return false
    return true
  }

  /** The first row of each chain. */
  heads(): number[] {
    const isHead = new Uint8Array(this.#unused).fill(1)
    for (let row = 1; row < this.#unused; row++)
      if (this.isUsed(row)) isHead[this.nextOf(row)] = 0
      else isHead[row] = 0
    const rows: number[] = []
    for (let row = 1; row < this.#unused; row++) if (isHead[row] === 1) rows.push(row)
    return rows
  }

  /** Negative, 0 or positive: the order of their serviceIDs. */
  compareKeys(a: number, b: number): number {
    for (let i = 0; i < KEY_WORDS; i++) {
      const difference = (this.wordOf(a, i) >>> 0) - (this.wordOf(b, i) >>> 0)
      if (difference !== 0) return difference
    }
    return 0
  }

  #setNext(row: number, next: number): void {
    this.#ints[ROW_INTS * row + LINK] = (next << LENGTH_BITS) | this.bitsOf(row)
  }

  #newRow(): number {
    this.#size++
    const row = this.#free
    if (row !== 0) {
      this.#free = this.nextOf(row)
      return row
    }
    const rows = this.#ints.length / ROW_INTS
    if (this.#unused === rows) {
      this.#ints = longer(this.#ints, ROW_INTS * grown(rows, this.limit + 1))
      this.#numbers = new Float64Array(this.#ints.buffer)
    }
    return this.#unused++
  }
}
