/**
 * Maps a flowID to its flow's slot: the demultiplexing of every packet. Open addressing with linear probing. A deletion
 * moves later entries back, so there are no tombstones and lookups stay short. Lookups allocate nothing.
 *
 * FlowIDs have 32 bits, signed or not. Stored signed, because V8 keeps no other 32-bit number in a register.
 */

/** 2^32 / the golden ratio, odd: the high bits of the product depend on all bits (Knuth, 6.4). */
const MULTIPLIER = 0x9e37_79b1

/** Marks a free entry: no flow has flowID 0. */
const FREE = 0
const LEAST_CAPACITY = 16
/**
 * At most a quarter full. Then even a lookup of an unknown flowID takes 1.4 probes on average (Knuth, 6.4), and the
 * processor predicts its end. Half full takes half again as long while the table fits the cache.
 */
const LOAD = 4

/** A million flows take 32 MB here, and far more for the flows themselves. */
export const FLOWS_LIMIT = 2 ** 20

export class FlowTable {
  /** Pairs of flowID and slot, side by side in one cache line. */
  #pairs = new Int32Array(2 * LEAST_CAPACITY)
  #shift = 32 - Math.log2(LEAST_CAPACITY)
  #size = 0

  /** The number of flowIDs in the table. */
  get size(): number {
    return this.#size
  }

  /** Returns the slot of a flowID, or -1. */
  get(flowId: number): number {
    const pairs = this.#pairs
    const at = this.#find(flowId | 0)
    return pairs[at] === FREE ? -1 : (pairs[at + 1] as number)
  }

  /**
   * Maps a flowID to a slot of 31 bits, replacing any earlier one. Returns false if the table is full, or the flowID is
   * 0.
   */
  set(flowId: number, slot: number): boolean {
    const key = flowId | 0
    if (key === FREE) return false
    const at = this.#find(key)
    if (this.#pairs[at] === FREE) {
      if (this.#size >= FLOWS_LIMIT) return false
      this.#size++
    }
    this.#pairs[at] = key
    this.#pairs[at + 1] = slot
    if (LOAD * this.#size > this.#pairs.length >> 1) this.#grow()
    return true
  }

  /** Removes a flowID. Returns false if it is not in the table. */
  delete(flowId: number): boolean {
    const pairs = this.#pairs
    const mask = pairs.length - 1
    let gap = this.#find(flowId | 0)
    if (pairs[gap] === FREE) return false
    this.#size--
    for (let at = (gap + 2) & mask; pairs[at] !== FREE; at = (at + 2) & mask) {
      // The entry may move into the gap unless its home lies between them.
      if (((at - this.#home(pairs[at] as number)) & mask) < ((at - gap) & mask)) continue
      pairs[gap] = pairs[at] as number
      pairs[gap + 1] = pairs[at + 1] as number
      gap = at
    }
    pairs[gap] = FREE
    return true
  }

  /** Returns the index of a flowID, or of the free entry where it would be. There is always a free entry. */
  #find(key: number): number {
    const pairs = this.#pairs
    const mask = pairs.length - 1
    let at = this.#home(key)
    while (pairs[at] !== key && pairs[at] !== FREE) at = (at + 2) & mask
    return at
  }

  #home(key: number): number {
    return (Math.imul(key, MULTIPLIER) >>> this.#shift) << 1
  }

  #grow(): void {
    const old = this.#pairs
    this.#pairs = new Int32Array(2 * old.length)
    this.#shift--
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === FREE) continue
      const at = this.#find(old[i] as number)
      this.#pairs[at] = old[i] as number
      this.#pairs[at + 1] = old[i + 1] as number
    }
  }
}
