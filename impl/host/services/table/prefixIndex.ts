/**
 * Maps a prefix to the row of its first rule, and a serviceID to its longest prefix. Prefixes are in a tree over words
 * of 32 bits. Its nodes are beginnings shared by several prefixes; a prefix that shares no further word hangs there as
 * a leaf. Nodes and leaves are found by the hash of the parent node and one more word. Prefixes that end within the
 * next word are in a trie of the node. So a search takes one probe for each shared word, and compares all later words
 * with one row.
 */
import { seededXoshiro128 } from '../../random/xoshiro.ts'
import { NODE, NODES_LIMIT, rowOf, WORDS_SHIFT } from './branch.ts'
import { KEY_WORDS, readKey, WORD_BITS, WORD_BYTES, wordAt } from './keys.ts'
import { Lookahead } from './lookahead.ts'
import type { RuleRows } from './ruleRows.ts'
import { ROOT, SharedWords } from './sharedWords.ts'
import { markOf, Slots, VALUE_MASK } from './slots.ts'
import { WordTries } from './wordTries.ts'

const NONE = -1

export class PrefixIndex {
  readonly #rules: RuleRows
  readonly #slots = new Slots(branch => this.#hashOf(branch))
  readonly #nodes = new SharedWords(NODES_LIMIT)
  readonly #tries: WordTries
  /** Prefetches for coming lookups. */
  readonly ahead: Lookahead
  /**
   * Secret odd multipliers for words and nodes, so that chosen serviceIDs cannot collide often (Dietzfelbinger et al.,
   * A reliable randomized algorithm for the closest-pair problem, 1997: multiplying and keeping the highest bits is
   * universal hashing).
   */
  readonly #wordFactor: number
  readonly #nodeFactor: number
  /** The words of the current serviceID. */
  readonly #words = new Int32Array(KEY_WORDS)
  /** Where the last descent ended: below this node, at a leaf in this slot, or where none hangs. */
  #node = ROOT
  #place = NONE

  /** `secret`: 0 to 2^53 - 1. */
  constructor(rules: RuleRows, secret: number) {
    this.#rules = rules
    const draw = seededXoshiro128(secret)
    this.#wordFactor = draw() | 1
    this.#nodeFactor = draw() | 1
    this.#tries = new WordTries(rules.limit)
    this.ahead = new Lookahead(this.#slots, rules, (node, word) => this.#hash(node, word))
  }

  /** Returns the row of the longest live prefix of the serviceID at `at`, or 0. */
  longest(bytes: Uint8Array, at: number): number {
    let node = 0
    for (let from = at; ; from += WORD_BYTES) {
      const branch = this.#next(node, wordAt(bytes, from), bytes, at)
      if (branch === 0) return this.#longestAbove(node, bytes, from)
      if ((branch & NODE) === 0) return rowOf(branch)
      node = branch >> 1
    }
  }

  /** Returns the row of exactly this prefix, or 0. */
  get(id: Uint8Array, bits: number): number {
    readKey(id, 0, this.#words)
    const depth = this.#descend(bits >> 5)
    const row = this.#place === NONE ? this.#inTrie(depth, bits) : rowOf(this.#slots.at(this.#place))
    return row !== 0 && this.#rules.bitsOf(row) === bits && this.#rules.hasWords(row, this.#words, KEY_WORDS)
      ? row
      : 0
  }

  /** Adds a row under its prefix, which no other row has. */
  add(row: number): void {
    this.#rules.readWords(row, this.#words)
    const whole = this.#rules.bitsOf(row) >> 5
    let depth = this.#descend(whole)
    while (this.#place !== NONE) {
      this.#split(this.#place, depth)
      depth = this.#descend(whole)
    }
    if (depth === whole) this.#toTrie(row, depth)
    else this.#hang(row, this.#node, this.#words[depth] as number)
  }

  /** Replaces the row of a prefix; 0 removes the prefix. */
  replace(old: number, row: number): void {
    this.#rules.readWords(old, this.#words)
    const bits = this.#rules.bitsOf(old)
    const depth = this.#descend(bits >> 5)
    const node = this.#node
    if (this.#place === NONE) {
      const trie = this.#nodes.trieOf(node)
      this.#nodes.setTrie(
        node,
        this.#tries.replace(trie, this.#words[depth] as number, bits % WORD_BITS, row),
      )
    } else if (row === 0) {
      this.#slots.delete(this.#place)
      this.#nodes.countBelow(node, -1)
    } else {
      this.#rules.setNode(row, node)
      this.#slots.set(this.#place, this.#leafOf(row))
    }
    this.#prune(node)
  }

  /** Returns what hangs below a node with this word: a node, or a live prefix of the serviceID at `at`; 0 for nothing. */
  #next(node: number, word: number, bytes: Uint8Array, at: number): number {
    const { places, mask } = this.#slots
    const hash = this.#hash(node, word)
    const mark = markOf(hash)
    for (let place = this.#slots.homeOf(hash); ; place = (place + 1) & mask) {
      const slot = places[place] as number
      if (slot === 0) return 0
      if (((slot ^ mark) & ~VALUE_MASK) !== 0) continue
      const branch = slot & VALUE_MASK
      if ((branch & NODE) !== 0) {
        if (this.#nodes.follows(branch >> 1, word, node)) return branch
        continue
      }
      const row = rowOf(branch)
      const words = (branch >> WORDS_SHIFT) + 1
      if (this.#rules.leads(row, words, bytes, at)) return branch
    }
  }

  #hash(node: number, word: number): number {
    return Math.imul(node, this.#nodeFactor) ^ Math.imul(word, this.#wordFactor)
  }

  /** Returns the longest live prefix in the tries of a node, which the word at `at` follows, and of its ancestors. */
  #longestAbove(deepest: number, bytes: Uint8Array, at: number): number {
    let node = deepest
    for (let from = at; ; from -= WORD_BYTES) {
      const trie = this.#nodes.trieOf(node)
      const row = trie === 0 ? 0 : this.#longestIn(trie, wordAt(bytes, from))
      if (row !== 0 || node === ROOT) return row
      node = this.#nodes.aboveOf(node)
    }
  }

  #longestIn(trie: number, word: number): number {
    const rules = this.#rules
    const near = this.#tries.nearest(trie, word)
    const bits = rules.bitsOf(near)
    const agreed = Math.clz32(word ^ rules.wordOf(near, bits >> 5))
    if (agreed >= bits % WORD_BITS && rules.isLive(near)) return near
    return this.#tries.longest(trie, word, agreed, rules)
  }

  /** Returns the only row in the trie at the end of the descent that may have this many bits. */
  #inTrie(depth: number, bits: number): number {
    if (bits >> 5 !== depth) return 0
    return this.#tries.at(this.#nodes.trieOf(this.#node), this.#words[depth] as number, bits % WORD_BITS)
  }

  /** Descends by the current words, at most `most`, and returns how many steps it took. */
  #descend(most: number): number {
    this.#node = ROOT
    this.#place = NONE
    for (let depth = 0; depth < most; depth++) {
      const place = this.#find(this.#node, depth)
      if (place === NONE) return depth
      const branch = this.#slots.at(place)
      if ((branch & NODE) === 0) {
        this.#place = place
        return depth
      }
      this.#node = branch >> 1
    }
    return most
  }

  /** Returns the place of what hangs below a node of `depth` words with the next of the current words, or NONE. */
  #find(node: number, depth: number): number {
    const slots = this.#slots
    const word = this.#words[depth] as number
    for (
      let place = slots.homeOf(this.#hash(node, word));
      slots.at(place) !== 0;
      place = (place + 1) & slots.mask
    ) {
      const branch = slots.at(place)
      const isIt =
        (branch & NODE) === 0
          ? this.#rules.nodeOf(rowOf(branch)) === node && this.#rules.wordOf(rowOf(branch), depth) === word
          : this.#nodes.follows(branch >> 1, word, node)
      if (isIt) return place
    }
    return NONE
  }

  /** The leaf in this slot, after `depth` words, shares one more word with the current ones: inserts a node. */
  #split(place: number, depth: number): void {
    const row = rowOf(this.#slots.at(place))
    const above = this.#node
    const node = this.#nodes.add(this.#words[depth] as number, above)
    this.#slots.set(place, 2 * node + NODE)
    if (this.#rules.bitsOf(row) >> 5 === depth + 1) this.#nodes.setTrie(node, 2 * row)
    else this.#hang(row, node, this.#rules.wordOf(row, depth + 1))
  }

  #hang(row: number, node: number, word: number): void {
    this.#rules.setNode(row, node)
    this.#slots.add(this.#hash(node, word), this.#leafOf(row))
    this.#nodes.countBelow(node, 1)
  }

  /** Adds the row to the trie of the node where the descent ended. */
  #toTrie(row: number, depth: number): void {
    const rules = this.#rules
    const node = this.#node
    const trie = this.#nodes.trieOf(node)
    const word = this.#words[depth] as number
    const near = trie === 0 ? row : this.#tries.nearest(trie, word)
    const [nearWord, nearBits] = [rules.wordOf(near, depth), rules.bitsOf(near) % WORD_BITS]
    const bits = rules.bitsOf(row) % WORD_BITS
    this.#nodes.setTrie(node, this.#tries.add(trie, word, bits, row, nearWord, nearBits))
  }

  /** Removes a node that holds nothing any more, and its empty ancestors. */
  #prune(deepest: number): void {
    const nodes = this.#nodes
    for (let node = deepest; node !== ROOT && nodes.isEmpty(node); ) {
      const above = nodes.aboveOf(node)
      this.#slots.delete(this.#placeOf(2 * node + NODE))
      nodes.remove(node)
      nodes.countBelow(above, -1)
      node = above
    }
  }

  #placeOf(branch: number): number {
    const slots = this.#slots
    let place = slots.homeOf(this.#hashOf(branch))
    while (slots.at(place) !== branch) place = (place + 1) & slots.mask
    return place
  }

  #leafOf(row: number): number {
    return (2 * row) | (((this.#rules.bitsOf(row) - 1) >> 5) << WORDS_SHIFT)
  }

  /** Returns the hash of the parent node and the word by which a node or leaf is found. */
  #hashOf(branch: number): number {
    const one = branch >> 1
    if ((branch & NODE) !== 0) return this.#hash(this.#nodes.aboveOf(one), this.#nodes.wordOf(one))
    const node = this.#rules.nodeOf(rowOf(branch))
    return this.#hash(node, this.#rules.wordOf(rowOf(branch), this.#nodes.depthOf(node)))
  }
}
