/**
 * The rules of a table, one row each, in typed arrays: what a rule takes is what stands here. Rows are numbered from 1,
 * and a row that is given back is used again. Rules for the same prefix are chained.
 *
 * Address space is kept for all rows that there may be, and memory is taken as they come: rows never move, and a table
 * grows without a pause. Such memory begins where a page does, so a row is one line of a processor's cache; what `malloc`
 * gives, which other typed arrays have, begins 16 bytes after, and each row would be in two.
 */
import { grown, LEAST_ROWS } from './growth.ts'
import { KEY_WORDS, readKey, WORD_BITS, WORD_BYTES, wordAt, writeKey } from './keys.ts'

/** A row of 64 bytes, all that the choice of a lone rule looks at side by side, seen as words and as numbers. */
const ROW_BYTES = 64
const ROW_INTS = ROW_BYTES / 4
const ROW_NUMBERS = ROW_BYTES / 8
/**
 * Words: first the serviceID; then the next row of the chain with the length of the prefix, in bits, below it; then the
 * weight.
 */
const LINK = KEY_WORDS
const WEIGHT = LINK + 1
/** Numbers: what the rule does; packets that it was chosen for, and their bytes. */
const TARGET = 5
const PACKETS = 6
const BYTES = 7

const LENGTH_BITS = 9
const LENGTH_MASK = (1 << LENGTH_BITS) - 1
/** The length in a row that is not in use. */
const FREE = LENGTH_MASK

/** What is looked at less often stands apart: the priority and the node of the index, words; the drops, a number. */
const MORE_BYTES = 16
const MORE_INTS = MORE_BYTES / 4
const MORE_NUMBERS = MORE_BYTES / 8
const PRIORITY = 0
const NODE = 1
const DROPS = 1
/** Above the node: the rule is for no service that certifies itself. */
const PLAIN = 1 << 30

/** What is masked so is small for V8, and is multiplied and added to without a check. */
const ROW_MASK = 2 ** 24 - 1

/** Where the words and the numbers of a row begin, and those that stand apart. */
const intsAt = (row: number): number => ROW_INTS * (row & ROW_MASK)
const numbersAt = (row: number): number => ROW_NUMBERS * (row & ROW_MASK)
const moreIntsAt = (row: number): number => MORE_INTS * (row & ROW_MASK)
const moreNumbersAt = (row: number): number => MORE_NUMBERS * (row & ROW_MASK)

export class RuleRows {
  readonly limit: number
  readonly #buffer: ArrayBuffer
  readonly #more: ArrayBuffer
  /** The same memory, seen in two ways. What is seen grows with it. */
  readonly #ints: Int32Array
  readonly #numbers: Float64Array
  readonly #moreInts: Int32Array
  readonly #moreNumbers: Float64Array
  /** Whether the service that is looked for certifies itself: rules for plain services are not there. */
  isKeyed = false
  #capacity = LEAST_ROWS
  #unused = 1
  #free = 0
  #size = 0

  /** `limit`: the most rules. */
  constructor(limit: number) {
    this.limit = limit
    const room = (bytes: number): ArrayBuffer =>
      new ArrayBuffer(bytes * LEAST_ROWS, { maxByteLength: bytes * (limit + 1) })
    this.#buffer = room(ROW_BYTES)
    this.#more = room(MORE_BYTES)
    this.#ints = new Int32Array(this.#buffer)
    this.#numbers = new Float64Array(this.#buffer)
    this.#moreInts = new Int32Array(this.#more)
    this.#moreNumbers = new Float64Array(this.#more)
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
    const ints = this.#ints
    const at = intsAt(row)
    readKey(id, 0, ints, at)
    ints[at + LINK] = bits
    const numbers = this.#numbers
    const from = numbersAt(row)
    numbers[from + TARGET] = target
    numbers[from + PACKETS] = 0
    numbers[from + BYTES] = 0
    this.#moreNumbers[moreNumbersAt(row) + DROPS] = 0
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
    this.#ints[intsAt(row) + LINK] = (this.#free << LENGTH_BITS) | FREE
    this.#free = row
    this.#size--
  }

  /** `isPlain`: it is for no service that certifies itself. */
  rank(row: number, priority: number, weight: number, isPlain: boolean): void {
    this.#moreInts[moreIntsAt(row) + PRIORITY] = priority
    this.#moreInts[moreIntsAt(row) + NODE] = this.nodeOf(row) | (isPlain ? PLAIN : 0)
    this.#ints[intsAt(row) + WEIGHT] = weight
  }

  /** Counts a packet of so many bytes, and gives the target. */
  use(row: number, bytes: number): number {
    const numbers = this.#numbers
    const at = numbersAt(row)
    numbers[at + PACKETS] = (numbers[at + PACKETS] as number) + 1
    numbers[at + BYTES] = (numbers[at + BYTES] as number) + bytes
    return numbers[at + TARGET] as number
  }

  countDrop(row: number): void {
    this.#moreNumbers[moreNumbersAt(row) + DROPS] =
      (this.#moreNumbers[moreNumbersAt(row) + DROPS] as number) + 1
  }

  nextOf(row: number): number {
    return (this.#ints[intsAt(row) + LINK] as number) >>> LENGTH_BITS
  }

  bitsOf(row: number): number {
    return (this.#ints[intsAt(row) + LINK] as number) & LENGTH_MASK
  }

  priorityOf(row: number): number {
    return (this.#moreInts[moreIntsAt(row) + PRIORITY] as number) >>> 0
  }

  weightOf(row: number): number {
    return (this.#ints[intsAt(row) + WEIGHT] as number) >>> 0
  }

  isPlain(row: number): boolean {
    return ((this.#moreInts[moreIntsAt(row) + NODE] as number) & PLAIN) !== 0
  }

  /** The weight that counts for the service that is looked for. */
  shareOf(row: number): number {
    return this.isKeyed && this.isPlain(row) ? 0 : this.weightOf(row)
  }

  targetOf(row: number): number {
    return this.#numbers[numbersAt(row) + TARGET] as number
  }

  packetsOf(row: number): number {
    return this.#numbers[numbersAt(row) + PACKETS] as number
  }

  bytesOf(row: number): number {
    return this.#numbers[numbersAt(row) + BYTES] as number
  }

  dropsOf(row: number): number {
    return this.#moreNumbers[moreNumbersAt(row) + DROPS] as number
  }

  idOf(row: number): Uint8Array {
    return writeKey(this.#ints, intsAt(row))
  }

  /** Whether one of the chain of this row has any weight for the service that is looked for. */
  isLive(head: number): boolean {
    for (let row = head; row !== 0; row = this.nextOf(row)) if (this.shareOf(row) > 0) return true
    return false
  }

  wordOf(row: number, index: number): number {
    return this.#ints[intsAt(row) + index] as number
  }

  readWords(row: number, words: Int32Array): void {
    for (let i = 0; i < KEY_WORDS; i++) words[i] = this.wordOf(row, i)
  }

  /** Whether a row's first `count` words are these. */
  hasWords(row: number, words: Int32Array, count: number): boolean {
    const ints = this.#ints
    for (let i = 0, at = intsAt(row); i < count; i++, at++) if (ints[at] !== words[i]) return false
    return true
  }

  /**
   * Whether a row's prefix, which ends in the word of number `words` (from 1), is one of the serviceID at `at`, and its
   * chain is live. No branch waits for the words of the row: they come from memory, and the next lookup may begin.
   */
  leads(row: number, words: number, bytes: Uint8Array, at: number): boolean {
    const ints = this.#ints
    const from = intsAt(row)
    const last = words - 1
    let difference = 0
    for (let i = 0; i < last; i++)
      difference |= (ints[from + i] as number) ^ wordAt(bytes, at + WORD_BYTES * i)
    const link = ints[from + LINK] as number
    const beyond = WORD_BITS * words - (link & LENGTH_MASK)
    difference |= ((ints[from + last] as number) ^ wordAt(bytes, at + WORD_BYTES * last)) >>> beyond
    if (this.isKeyed) return difference === 0 && this.isLive(row)
    return difference === 0 && (ints[from + WEIGHT] !== 0 || (link >>> LENGTH_BITS !== 0 && this.isLive(row)))
  }

  /** Any word of the row. */
  glance(row: number): number {
    return this.#ints[intsAt(row) + LINK] as number
  }

  /** The node of the index below which the row hangs. */
  nodeOf(row: number): number {
    return (this.#moreInts[moreIntsAt(row) + NODE] as number) & ~PLAIN
  }

  setNode(row: number, node: number): void {
    const at = moreIntsAt(row) + NODE
    this.#moreInts[at] = node | ((this.#moreInts[at] as number) & PLAIN)
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
    this.#ints[intsAt(row) + LINK] = (next << LENGTH_BITS) | this.bitsOf(row)
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
    this.#capacity = grown(this.#capacity, this.limit + 1)
    this.#buffer.resize(ROW_BYTES * this.#capacity)
    this.#more.resize(MORE_BYTES * this.#capacity)
  }
}
