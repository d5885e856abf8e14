/**
 * The rules of a table, one row each, in typed arrays. Rows are numbered from 1, and freed rows are reused. Rules for
 * the same prefix are chained.
 *
 * Address space is reserved for the maximum, and memory is committed as rows are added: rows never move, and a table
 * grows without a pause. Such memory is page-aligned, so a row is exactly one cache line; other typed arrays use
 * `malloc`, whose memory starts 16 bytes later, and each row would span two lines.
 */
import { grown, LEAST_ROWS } from './growth.ts'
import { KEY_WORDS, readKey, WORD_BITS, WORD_BYTES, wordAt, writeKey } from './keys.ts'

/** A row of 64 bytes holds everything that the choice of a lone rule reads, seen as words and as numbers. */
const ROW_BYTES = 64
const ROW_INTS = ROW_BYTES / 4
const ROW_NUMBERS = ROW_BYTES / 8
/** Words: the serviceID; then the next row of the chain above the length of the prefix in bits; then the weight. */
const LINK = KEY_WORDS
const WEIGHT = LINK + 1
/** Numbers: the target; the packets for which it was chosen, and their bytes. */
const TARGET = 5
const PACKETS = 6
const BYTES = 7

const LENGTH_BITS = 9
const LENGTH_MASK = (1 << LENGTH_BITS) - 1
/** The length in a free row. */
const FREE = LENGTH_MASK

/** Rarely read fields are stored separately: priority and index node as words, drops as a number. */
const MORE_BYTES = 16
const MORE_INTS = MORE_BYTES / 4
const MORE_NUMBERS = MORE_BYTES / 8
const PRIORITY = 0
const NODE = 1
const DROPS = 1
/** Set above the node if the rule does not cover keyed services. */
const PLAIN = 1 << 30

/** A masked row number is small for V8, and needs no overflow checks. */
const ROW_MASK = 2 ** 24 - 1

/** Where the words and numbers of a row begin, here and in the separate arrays. */
const intsAt = (row: number): number => ROW_INTS * (row & ROW_MASK)
const numbersAt = (row: number): number => ROW_NUMBERS * (row & ROW_MASK)
const moreIntsAt = (row: number): number => MORE_INTS * (row & ROW_MASK)
const moreNumbersAt = (row: number): number => MORE_NUMBERS * (row & ROW_MASK)

export class RuleRows {
  readonly limit: number
  readonly #buffer: ArrayBuffer
  readonly #more: ArrayBuffer
  /** The same memory in two views. Both grow with it. */
  readonly #ints: Int32Array
  readonly #numbers: Float64Array
  readonly #moreInts: Int32Array
  readonly #moreNumbers: Float64Array
  /** True while the service looked up is keyed: rules for plain services are then ignored. */
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

  /** Returns the row of a new rule at the end of the chain that starts at `head` (0 for none). There must be room. */
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

  /** Frees a row of the chain that starts at `head`. */
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

  /** `isPlain`: it does not cover keyed services. */
  rank(row: number, priority: number, weight: number, isPlain: boolean): void {
    this.#moreInts[moreIntsAt(row) + PRIORITY] = priority
    this.#moreInts[moreIntsAt(row) + NODE] = this.nodeOf(row) | (isPlain ? PLAIN : 0)
    this.#ints[intsAt(row) + WEIGHT] = weight
  }

  /** Counts a packet of this many bytes, and returns the target. */
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

  /** Returns the weight for the service that is looked up. */
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

  /** True if a rule of this chain has weight for the service that is looked up. */
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

  /** True if a row starts with the first `count` words. */
  hasWords(row: number, words: Int32Array, count: number): boolean {
    const ints = this.#ints
    for (let i = 0, at = intsAt(row); i < count; i++, at++) if (ints[at] !== words[i]) return false
    return true
  }

  /**
   * True if a row's prefix, which ends in word number `words` (from 1), covers the serviceID at `at`, and its chain is
   * live. Written without branches on the row's words: they come from memory, and the next lookup can begin.
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

  /** Returns any word of the row. */
  glance(row: number): number {
    return this.#ints[intsAt(row) + LINK] as number
  }

  /** Returns the node of the index below which the row hangs. */
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

  /** Returns the first row of each chain. */
  heads(): number[] {
    const isHead = new Uint8Array(this.#unused).fill(1)
    for (let row = 1; row < this.#unused; row++)
      if (this.isUsed(row)) isHead[this.nextOf(row)] = 0
      else isHead[row] = 0
    const rows: number[] = []
    for (let row = 1; row < this.#unused; row++) if (isHead[row] === 1) rows.push(row)
    return rows
  }

  /** Returns the order of their serviceIDs: negative, 0 or positive. */
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

/**
 * Chooses a rule of a chain: among those of the highest priority, by weight. Rules of weight 0 are ignored. `pick`, in
 * [0, 1), chooses. The chain that starts at `head` must be live.
 */
export function choose(rules: RuleRows, head: number, pick: number): number {
  let priority = -1
  let total = 0
  for (let row = head; row !== 0; row = rules.nextOf(row)) {
    const weight = rules.shareOf(row)
    const own = rules.priorityOf(row)
    if (weight === 0 || own < priority) continue
    if (own > priority) total = 0
    priority = own
    total += weight
  }
  let left = pick * total
  for (let row = head; row !== 0; row = rules.nextOf(row)) {
    if (rules.priorityOf(row) !== priority) continue
    if (left < rules.shareOf(row)) return row
    left -= rules.shareOf(row)
  }
  return 0
}
