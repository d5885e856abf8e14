/**
 * Shared beginnings of several prefixes, whole words long, as nodes of a tree: each node has one word more than its
 * parent. The root, node 0, has none. A node stores its last word, its parent, the trie of the prefixes that end within
 * the next word (0 for none), and how many nodes and rows hang below it.
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
  /** The next unused node, and freed nodes, chained by their parent field. */
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

  /** True if the node has this word, and `above` as its parent. */
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

  /** Returns how many words a node has. */
  depthOf(node: number): number {
    let depth = 0
    for (let one = node; one !== ROOT; one = this.aboveOf(one)) depth++
    return depth
  }

  /** True if anything hangs below. */
  hasBelow(node: number): boolean {
    return this.#ints[NODE_INTS * node + BELOW] !== 0
  }

  /** Counts one more child, or one less. */
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
