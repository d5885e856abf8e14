/**
 * The rules of a table, one row each, in typed arrays: what a rule takes is what stands here. Rows are numbered from 1,
 * and a row that is given back is used again. Rules for the same prefix are chained.
 */
import { KEY_WORDS, readKey, writeKey } from './keys.ts'

const LEAST_ROWS = 16

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

/** Rows stand in pages that never move: a table grows without a pause. The first one alone begins small. */
const PAGE_BITS = 12
const PAGE_ROWS = 1 << PAGE_BITS
const PAGE_MASK = PAGE_ROWS - 1

/** Where in its page the words and the numbers of a row begin. */
const intsAt = (row: number): number => ROW_INTS * (row & PAGE_MASK)
const numbersAt = (row: number): number => ROW_NUMBERS * (row & PAGE_MASK)

export class RuleRows {
  readonly limit: number
  /** The same pages, seen in two ways. */
  readonly #ints = [new Int32Array(ROW_INTS * LEAST_ROWS)]
  readonly #numbers = [new Float64Array(this.#ints[0]!.buffer)]
  #capacity = LEAST_ROWS
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
    const ints = this.#intsOf(row)
    const at = intsAt(row)
    readKey(id, 0, ints.subarray(at, at + KEY_WORDS))
    ints[at + LINK] = bits
    const numbers = this.#numbersOf(row)
    const from = numbersAt(row)
    numbers[from + TARGET] = target
    numbers.fill(0, from + PACKETS, from + ROW_NUMBERS)
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
    this.#intsOf(row)[intsAt(row) + LINK] = (this.#free << LENGTH_BITS) | FREE
    this.#free = row
    this.#size--
  }

  rank(row: number, priority: number, weight: number): void {
    const ints = this.#intsOf(row)
    ints[intsAt(row) + PRIORITY] = priority
    ints[intsAt(row) + WEIGHT] = weight
  }

  count(row: number, bytes: number): void {
    const numbers = this.#numbersOf(row)
    const at = numbersAt(row)
    numbers[at + PACKETS]!++
    numbers[at + BYTES]! += bytes
  }

  countDrop(row: number): void {
    this.#numbersOf(row)[numbersAt(row) + DROPS]!++
  }

  nextOf(row: number): number {
    return this.#intsOf(row)[intsAt(row) + LINK]! >>> LENGTH_BITS
  }

  bitsOf(row: number): number {
    return this.#intsOf(row)[intsAt(row) + LINK]! & LENGTH_MASK
  }

  priorityOf(row: number): number {
    return this.#intsOf(row)[intsAt(row) + PRIORITY]! >>> 0
  }

  weightOf(row: number): number {
    return this.#intsOf(row)[intsAt(row) + WEIGHT]! >>> 0
  }

  targetOf(row: number): number {
    return this.#numbersOf(row)[numbersAt(row) + TARGET]!
  }

  packetsOf(row: number): number {
    return this.#numbersOf(row)[numbersAt(row) + PACKETS]!
  }

  bytesOf(row: number): number {
    return this.#numbersOf(row)[numbersAt(row) + BYTES]!
  }

  dropsOf(row: number): number {
    return this.#numbersOf(row)[numbersAt(row) + DROPS]!
  }

  idOf(row: number): Uint8Array {
    return writeKey(this.#intsOf(row), intsAt(row))
  }

  /** Whether one of the chain of this row has any weight. */
  isLive(head: number): boolean {
    for (let row = head; row !== 0; row = this.nextOf(row)) if (this.weightOf(row) > 0) return true
    return false
  }

  /** 0 after the last word. */
  wordOf(row: number, index: number): number {
    return index < KEY_WORDS ? this.#intsOf(row)[intsAt(row) + index]! : 0
  }

  /** Whether a row's prefix has `count` whole words, and they are these. */
  hasWords(row: number, words: Int32Array, count: number): boolean {
    if (this.bitsOf(row) >> 5 !== count) return false
    const ints = this.#intsOf(row)
    for (let i = 0, at = intsAt(row); i < count; i++, at++) if (ints[at] !== words[i]) return false
    return true
  }

  chainLength(head: number): number {
    let length = 0
    for (let row = head; row !== 0; row = this.nextOf(row)) length++
    return length
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
    this.#intsOf(row)[intsAt(row) + LINK] = (next << LENGTH_BITS) | this.bitsOf(row)
  }

  #intsOf(row: number): Int32Array {
    return this.#ints[row >>> PAGE_BITS]!
  }

  #numbersOf(row: number): Float64Array {
    return this.#numbers[row >>> PAGE_BITS]!
  }

  #newRow(): number {
    this.#size++
    const row = this.#free
    if (row !== 0) {
      this.#free = this.nextOf(row)
      return row
    }
    if (this.#unused === this.#capacity) this.#grow()
    return this.#unused++
  }

  #grow(): void {
    const isFirst = this.#capacity < PAGE_ROWS
    const rows = isFirst ? 2 * this.#capacity : PAGE_ROWS
    const ints = new Int32Array(ROW_INTS * rows)
    if (isFirst) ints.set(this.#ints[0]!)
    const page = isFirst ? 0 : this.#ints.length
    this.#ints[page] = ints
    this.#numbers[page] = new Float64Array(ints.buffer)
    this.#capacity = PAGE_ROWS * page + rows
  }
}
