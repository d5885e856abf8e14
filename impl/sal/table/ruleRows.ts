/**
 * The rules of a table, one row each, in typed arrays: what a rule takes is what stands here. Rows are numbered from 1,
 * and a row that is given back is used again. Rules for the same prefix are chained.
 */
import { LEAST_ROWS, longer } from './growth.ts'
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

/** Rows stand in pages that never move: a table grows without a pause. The first one alone begins small. */
const PAGE_BITS = 12
const PAGE_ROWS = 1 << PAGE_BITS
const PAGE_MASK = PAGE_ROWS - 1

/** What is masked so is small for V8, and adding to it needs no check. */
const PLACE_MASK = 2 ** 28 - 1

/** Where in its page the words and the numbers of a row begin. */
const intsAt = (row: number): number => ROW_INTS * (row & PAGE_MASK)
const numbersAt = (row: number): number => ROW_NUMBERS * (row & PAGE_MASK)

export class RuleRows {
  readonly limit: number
  /** The same pages, seen in two ways. */
  readonly #ints = [new Int32Array(ROW_INTS * LEAST_ROWS)]
  readonly #numbers = [new Float64Array(this.#ints[0]!.buffer)]
  /** Beside them what is looked at less often. */
  readonly #priorities = [new Int32Array(LEAST_ROWS)]
  readonly #drops = [new Float64Array(LEAST_ROWS)]
  readonly #nodes = [new Int32Array(LEAST_ROWS)]
  readonly #plain = [new Uint8Array(LEAST_ROWS)]
  /** Whether the service that is looked for certifies itself: rules for plain services are not there. */
  isKeyed = false
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
    numbers[from + PACKETS] = 0
    numbers[from + BYTES] = 0
    this.#drops[row >>> PAGE_BITS]![row & PAGE_MASK] = 0
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

  /** `isPlain`: it is for no service that certifies itself. */
  rank(row: number, priority: number, weight: number, isPlain: boolean): void {
    this.#plain[row >>> PAGE_BITS]![row & PAGE_MASK] = isPlain ? 1 : 0
    this.#priorities[row >>> PAGE_BITS]![row & PAGE_MASK] = priority
    this.#intsOf(row)[intsAt(row) + WEIGHT] = weight
  }

  /** Counts a packet of so many bytes, and gives the target. */
  use(row: number, bytes: number): number {
    const numbers = this.#numbersOf(row)
    const at = numbersAt(row)
    numbers[at + PACKETS]!++
    numbers[at + BYTES]! += bytes
    return numbers[at + TARGET]!
  }

  countDrop(row: number): void {
    this.#drops[row >>> PAGE_BITS]![row & PAGE_MASK]!++
  }

  nextOf(row: number): number {
    return this.#intsOf(row)[intsAt(row) + LINK]! >>> LENGTH_BITS
  }

  bitsOf(row: number): number {
    return this.#intsOf(row)[intsAt(row) + LINK]! & LENGTH_MASK
  }

  priorityOf(row: number): number {
    return this.#priorities[row >>> PAGE_BITS]![row & PAGE_MASK]! >>> 0
  }

  weightOf(row: number): number {
    return this.#intsOf(row)[intsAt(row) + WEIGHT]! >>> 0
  }

  isPlain(row: number): boolean {
    return this.#plain[row >>> PAGE_BITS]![row & PAGE_MASK] === 1
  }

  /** The weight that counts for the service that is looked for. */
  shareOf(row: number): number {
    return this.isKeyed && this.isPlain(row) ? 0 : this.weightOf(row)
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
    return this.#drops[row >>> PAGE_BITS]![row & PAGE_MASK]!
  }

  idOf(row: number): Uint8Array {
    return writeKey(this.#intsOf(row), intsAt(row))
  }

  /** Whether one of the chain of this row has any weight for the service that is looked for. */
  isLive(head: number): boolean {
    for (let row = head; row !== 0; row = this.nextOf(row)) if (this.shareOf(row) > 0) return true
    return false
  }

  wordOf(row: number, index: number): number {
    return this.#intsOf(row)[intsAt(row) + index]!
  }

  readWords(row: number, words: Int32Array): void {
    for (let i = 0; i < KEY_WORDS; i++) words[i] = this.wordOf(row, i)
  }

  /** Whether a row's first `count` words are these. */
  hasWords(row: number, words: Int32Array, count: number): boolean {
    const ints = this.#intsOf(row)
    for (let i = 0, at = intsAt(row); i < count; i++, at++) if (ints[at] !== words[i]) return false
    return true
  }

  /**
   * Whether a row's prefix, which ends in the word of number `words` (from 1), is one of the serviceID at `at`, and its
   * chain is live. No branch waits for the words of the row: they come from memory, and the next lookup may begin.
   */
  leads(row: number, words: number, bytes: Uint8Array, at: number): boolean {
    const ints = this.#intsOf(row)
    const from = intsAt(row)
    let place = at & PLACE_MASK
    let difference = 0
    for (let i = 1; i < words; i++) {
      difference |= ints[from + i - 1]! ^ wordAt(bytes, place)
      place = (place + WORD_BYTES) & PLACE_MASK
    }
    const link = ints[from + LINK]!
    const beyond = WORD_BITS * words - (link & LENGTH_MASK)
    difference |= (ints[from + words - 1]! ^ wordAt(bytes, place)) >>> beyond
    if (this.isKeyed) return difference === 0 && this.isLive(row)
    return difference === 0 && (ints[from + WEIGHT] !== 0 || (link >>> LENGTH_BITS !== 0 && this.isLive(row)))
  }

  /** The node of the index below which the row hangs. */
  nodeOf(row: number): number {
    return this.#nodes[row >>> PAGE_BITS]![row & PAGE_MASK]!
  }

  setNode(row: number, node: number): void {
    this.#nodes[row >>> PAGE_BITS]![row & PAGE_MASK] = node
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
    this.#priorities[page] = isFirst ? longer(this.#priorities[0]!, rows) : new Int32Array(rows)
    this.#nodes[page] = isFirst ? longer(this.#nodes[0]!, rows) : new Int32Array(rows)
    this.#plain[page] = isFirst ? longer(this.#plain[0]!, rows) : new Uint8Array(rows)
    this.#drops[page] = isFirst ? longer(this.#drops[0]!, rows) : new Float64Array(rows)
    this.#capacity = PAGE_ROWS * page + rows
  }
}
