/**
 * Many tries over one 32-bit word: each maps prefixes of 0 to 31 bits to rows. Bits that distinguish nothing are
 * skipped (PATRICIA: Morrison, 1968), and are compared at the row where a search ends.
 *
 * A tree is identified by a *branch*: 0 for nothing, `2 * row` for one prefix, `2 * node + 1` for several. A node tests
 * one bit. It may also be a prefix of that many bits; it has two branches, or a row and one.
 */
import { grown, LEAST_ROWS, longer } from './growth.ts'

/** A node stores its bit below its row (0 for none), and the branches for 0 and 1. */
const NODE_INTS = 3
const BIT_BITS = 5
const BIT_MASK = (1 << BIT_BITS) - 1

/** Decides which rows a search may return. */
export interface Acceptance {
  isLive(row: number): boolean
}

const isNode = (branch: number): boolean => (branch & 1) === 1

export class WordTries {
  #ints = new Int32Array(NODE_INTS * LEAST_ROWS)
  /** The next unused node, and freed nodes, chained by their first branch. */
  #unused = 1
  #free = 0
  readonly #limit: number

  /** `limit`: the most prefixes in all. */
  constructor(limit: number) {
    this.#limit = limit + 1
  }

  /** Returns a row whose prefix agrees with `word` in the most bits. The tree must not be empty. */
  nearest(root: number, word: number): number {
    const ints = this.#ints
    let branch = root
    while (isNode(branch)) {
      const at = NODE_INTS * (branch >> 1)
      const next = ints[at + 1 + ((word >>> (BIT_MASK - ((ints[at] as number) & BIT_MASK))) & 1)] as number
      if (next === 0) return (ints[at] as number) >>> BIT_BITS
      branch = next
    }
    return branch >> 1
  }

  /**
   * Returns the row of the longest live prefix of `word`, or 0. The nearest row agrees in `agreed` bits, and is not
   * checked if it has no node.
   */
  longest(root: number, word: number, agreed: number, rows: Acceptance): number {
    const ints = this.#ints
    let found = 0
    let branch = root
    while (isNode(branch)) {
      const at = NODE_INTS * (branch >> 1)
      const bit = (ints[at] as number) & BIT_MASK
      if (bit > agreed) break
      const row = (ints[at] as number) >>> BIT_BITS
      if (row !== 0 && rows.isLive(row)) found = row
      branch = ints[at + 1 + ((word >>> (BIT_MASK - bit)) & 1)] as number
    }
    return found
  }

  /** Returns the only row that may have exactly the first `bits` bits of `word`, or 0. */
  at(root: number, word: number, bits: number): number {
    let branch = root
    while (isNode(branch) && this.#bitOf(branch) < bits)
      branch = this.#ints[this.#edge(branch, word)] as number
    if (!isNode(branch)) return branch >> 1
    return this.#bitOf(branch) === bits ? (this.#ints[NODE_INTS * (branch >> 1)] as number) >>> BIT_BITS : 0
  }

  /**
   * Returns the tree with a row added for the first `bits` bits of `word`, which it must not contain. The nearest row
   * has the word `nearWord`, and `nearBits` bits of it.
   */
  add(root: number, word: number, bits: number, row: number, nearWord: number, nearBits: number): number {
    if (root === 0) return 2 * row
    const same = Math.min(Math.clz32(word ^ nearWord), bits, nearBits)
    let edge = -1
    let branch = root
    while (isNode(branch)) {
      const bit = this.#bitOf(branch)
      if (bit > same || (bit === same && bits === same)) break
      edge = this.#edge(branch, word)
      branch = this.#ints[edge] as number
    }
    if (branch === 0) return this.#put(root, edge, 2 * row)
    if (same === bits && isNode(branch) && this.#bitOf(branch) === bits) {
      this.#ints[NODE_INTS * (branch >> 1)] = bits | (row << BIT_BITS)
      return root
    }
    const node = this.#newNode()
    if (same === bits) this.#fill(node, bits, row, nearWord, branch)
    else if (same === nearBits) this.#fill(node, same, branch >> 1, word, 2 * row)
    else {
      this.#fill(node, same, 0, nearWord, branch)
      this.#ints[this.#edge(node, word)] = 2 * row
    }
    return this.#put(root, edge, node)
  }

  /** Returns the tree in which a prefix has another row; 0 removes the prefix. */
  replace(root: number, word: number, bits: number, row: number): number {
    let above = -1
    let edge = -1
    let branch = root
    while (isNode(branch) && this.#bitOf(branch) < bits) {
      above = edge
      edge = this.#edge(branch, word)
      branch = this.#ints[edge] as number
    }
    if (!isNode(branch)) {
      if (row !== 0 || edge < 0) return this.#put(root, edge, 2 * row)
      this.#ints[edge] = 0
      return this.#tidy(root, above, edge)
    }
    const at = NODE_INTS * (branch >> 1)
    this.#ints[at] = bits | (row << BIT_BITS)
    return row === 0 ? this.#tidy(root, edge, at + 1) : root
  }

  /**
   * A node has lost a row or a branch (`inside` is the place of one of its branches): removes the node if it is no
   * longer needed.
   */
  #tidy(root: number, edge: number, inside: number): number {
    const ints = this.#ints
    const node = Math.floor(inside / NODE_INTS)
    const at = NODE_INTS * node
    const [row, zero, one] = [
      (ints[at] as number) >>> BIT_BITS,
      ints[at + 1] as number,
      ints[at + 2] as number,
    ]
    if ((zero !== 0 && one !== 0) || (row !== 0 && (zero !== 0 || one !== 0))) return root
    ints[at + 1] = this.#free
    this.#free = node
    return this.#put(root, edge, row === 0 ? zero | one : 2 * row)
  }

  /** Puts a branch at the edge; -1 is the root, which is returned. */
  #put(root: number, edge: number, branch: number): number {
    if (edge < 0) return branch
    this.#ints[edge] = branch
    return root
  }

  #bitOf(branch: number): number {
    return (this.#ints[NODE_INTS * (branch >> 1)] as number) & BIT_MASK
  }

  /** Returns the place of the node's branch for this word. */
  #edge(branch: number, word: number): number {
    const bit = this.#bitOf(branch)
    return NODE_INTS * (branch >> 1) + 1 + ((word >>> (BIT_MASK - bit)) & 1)
  }

  #fill(branch: number, bit: number, row: number, word: number, under: number): void {
    const at = NODE_INTS * (branch >> 1)
    this.#ints[at] = bit | (row << BIT_BITS)
    this.#ints[at + 1] = 0
    this.#ints[at + 2] = 0
    this.#ints[this.#edge(branch, word)] = under
  }

  #newNode(): number {
    if (this.#free !== 0) {
      const node = this.#free
      this.#free = this.#ints[NODE_INTS * node + 1] as number
      return 2 * node + 1
    }
    const rows = this.#ints.length / NODE_INTS
    if (this.#unused === rows) this.#ints = longer(this.#ints, NODE_INTS * grown(rows, this.#limit))
    return 2 * this.#unused++ + 1
  }
}
