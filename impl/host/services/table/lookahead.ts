/**
 * Where lookups that are soon to come will look, looked at for all of them together: a processor waits for many words of
 * memory at once no longer than for one. It decides nothing; whoever is wrong about what comes loses time alone.
 */
import { NODE, rowOf } from './branch.ts'
import { KEY_WORDS, WORD_BYTES, wordAt } from './keys.ts'
import type { RuleRows } from './ruleRows.ts'
import { ROOT } from './sharedWords.ts'
import type { Slots } from './slots.ts'

/** Twice what a socket gives in one turn. What they will look at fits the cache next to a core beside all else. */
export const EXPECTED_LIMIT = 64

const NO_BYTES = new Uint8Array(0)

export class Lookahead {
  readonly #slots: Slots
  readonly #rules: RuleRows
  readonly #hash: (node: number, word: number) => number
  /** Of each: where its serviceID is, the node or leaf that was reached, the hash by which the next is found. */
  readonly #bytes = new Array<Uint8Array>(EXPECTED_LIMIT).fill(NO_BYTES)
  readonly #at = new Int32Array(EXPECTED_LIMIT)
  readonly #branches = new Int32Array(EXPECTED_LIMIT)
  readonly #hashes = new Int32Array(EXPECTED_LIMIT)
  #count = 0
  /** Of all that was read: were it not kept, reading could be left out. */
  read = 0

  constructor(slots: Slots, rules: RuleRows, hash: (node: number, word: number) => number) {
    this.#slots = slots
    this.#rules = rules
    this.#hash = hash
  }

  /** The serviceID at `at` is going to be looked for. More than EXPECTED_LIMIT at once are not looked at. */
  expect(bytes: Uint8Array, at: number): void {
    if (this.#count === EXPECTED_LIMIT) return
    this.#bytes[this.#count] = bytes
    this.#at[this.#count] = at
    this.#branches[this.#count++] = 2 * ROOT + NODE
  }

  /** Reads what is expected to be looked at, and expects nothing more. */
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

  /** Nothing waits for what is read. */
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

  /** One step down for all that are at nodes. Whether any are still. */
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
