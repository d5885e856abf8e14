/**
 * Prefetches memory for coming lookups, for all of them together: waiting for many words at once takes a processor no
 * longer than waiting for one. It decides nothing; a wrong expectation costs only time.
 */
import { NODE, rowOf } from './branch.ts'
import { KEY_WORDS, WORD_BYTES, wordAt } from './keys.ts'
import type { RuleRows } from './ruleRows.ts'
import { ROOT } from './sharedWords.ts'
import type { Slots } from './slots.ts'

/** Twice what a socket provides in one turn. The prefetched memory fits a core's cache beside everything else. */
export const EXPECTED_LIMIT = 64

const NO_BYTES = new Uint8Array(0)

export class Lookahead {
  readonly #slots: Slots
  readonly #rules: RuleRows
  readonly #hash: (node: number, word: number) => number
  /** For each: its serviceID, the node or leaf reached, and the hash that finds the next. */
  readonly #bytes = new Array<Uint8Array>(EXPECTED_LIMIT).fill(NO_BYTES)
  readonly #at = new Int32Array(EXPECTED_LIMIT)
  readonly #branches = new Int32Array(EXPECTED_LIMIT)
  readonly #hashes = new Int32Array(EXPECTED_LIMIT)
  #count = 0
  /** The sum of everything read; without it, the compiler could omit the reads. */
  read = 0

  constructor(slots: Slots, rules: RuleRows, hash: (node: number, word: number) => number) {
    this.#slots = slots
    this.#rules = rules
    this.#hash = hash
  }

  /** Expects a lookup of the serviceID at `at`. Beyond EXPECTED_LIMIT it does nothing. */
  expect(bytes: Uint8Array, at: number): void {
    if (this.#count === EXPECTED_LIMIT) return
    this.#bytes[this.#count] = bytes
    this.#at[this.#count] = at
    this.#branches[this.#count++] = 2 * ROOT + NODE
  }

  /** Prefetches for all expected lookups, and clears the list. */
  fetch(): void {
    for (let word = 0; word < KEY_WORDS; word++) {
      this.#readSlots(WORD_BYTES * word)
      if (!this.#descend()) break
    }
    for (let i = 0; i < this.#count; i++) {
      const branch = this.#branches[i] as number
      if ((branch & NODE) === 0) this.read ^= this.#rules.glance(rowOf(branch))
      this.#bytes[i] = NO_BYTES
    }
    this.#count = 0
  }

  /** Nothing depends on these reads, so the processor overlaps them. */
  #readSlots(from: number): void {
    for (let i = 0; i < this.#count; i++) {
      const branch = this.#branches[i] as number
      if ((branch & NODE) === 0) continue
      const hash = this.#hash(
        branch >> 1,
        wordAt(this.#bytes[i] as Uint8Array<ArrayBufferLike>, (this.#at[i] as number) + from),
      )
      this.#hashes[i] = hash
      this.read ^= this.#slots.glance(hash)
    }
  }

  /** Descends one step for all that are at nodes. Returns whether any still are. */
  #descend(): boolean {
    let nodes = 0
    for (let i = 0; i < this.#count; i++) {
      if (((this.#branches[i] as number) & NODE) === 0) continue
      const branch = this.#slots.likely(this.#hashes[i] as number)
      this.#branches[i] = branch
      nodes |= branch & NODE
    }
    return nodes !== 0
  }
}
