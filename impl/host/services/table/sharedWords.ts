/**
 * Beginnings of one or more whole words that several prefixes share, as nodes of a tree: each has one word more than the
 * node above it. The root, node 0, has none. Of a node is kept: its last word, the node above, the trie of the prefixes
 * that have less than one word more (0: none), and how many nodes and rows hang below it.
 */
import { grown, LEAST_ROWS, longer } from './growth.ts'

export const ROOT = 0

const NODE_INTS = 4
const WORD = 0
const ABOVE = 1
const TRIE = 2
const BELOW = 3

export class SharedWords {
  #ints = new Int32Array(NODE_INTS * LEAST_ROWS)
  /** The next node that was never used, and those that are free again, chained by what was above. */
  #unused = ROOT + 1
  #free = 0
  readonly #limit: number

  /** `limit`: the most nodes. */
  constructor(limit: number) {
    this.#limit = limit + 1
  }

  add(word: number, above: number): number {
    const node = this.#newNode()
    const at = NODE_INTS * node
    this.#ints[at + WORD] = word
    this.#ints[at + ABOVE] = above
    this.#ints[at + TRIE] = 0
    this.#ints[at + BELOW] = 0
    return node
  }

  remove(node: number): void {
    this.#ints[NODE_INTS * node + ABOVE] = this.#free
    this.#free = node
  }

  /** Whether it has this word after the words of `above`. */
  follows(node: number, word: number, above: number): boolean {
    const at = NODE_INTS * node
    return this.#ints[at + WORD] === word && this.#ints[at + ABOVE] === above
  }

  wordOf(node: number): number {
    return this.#ints[NODE_INTS * node + WORD] as number
  }

  aboveOf(node: number): number {
    return this.#ints[NODE_INTS * node + ABOVE] as number
  }

  trieOf(node: number): number {
    return this.#ints[NODE_INTS * node + TRIE] as number
  }

  setTrie(node: number, trie: number): void {
    this.#ints[NODE_INTS * node + TRIE] = trie
  }

  /** How many words it has. */
  depthOf(node: number): number {
    let depth = 0
    for (let one = node; one !== ROOT; one = this.aboveOf(one)) depth++
    return depth
  }

  /** Whether anything hangs below. */
  hasBelow(node: number): boolean {
    return this.#ints[NODE_INTS * node + BELOW] !== 0
  }

  /** One more hangs below, or one less. */
  countBelow(node: number, change: 1 | -1): void {
    this.#ints[NODE_INTS * node + BELOW] = (this.#ints[NODE_INTS * node + BELOW] as number) + change
  }

  isEmpty(node: number): boolean {
    return this.#ints[NODE_INTS * node + TRIE] === 0 && this.#ints[NODE_INTS * node + BELOW] === 0
  }

  #newNode(): number {
    if (this.#free !== 0) {
      const node = this.#free
      this.#free = this.aboveOf(node)
      return node
    }
    const rows = this.#ints.length / NODE_INTS
    if (this.#unused === rows) this.#ints = longer(this.#ints, NODE_INTS * grown(rows, this.#limit))
    return this.#unused++
  }
}
