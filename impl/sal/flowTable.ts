/**
 * From flowID to the slot that holds its flow: the demultiplexing of every packet. Open addressing with linear probing;
 * a deletion moves what follows back, so that no marks are left behind and lookups stay short. Lookups allocate nothing.
 */

/** 2^32 / the golden ratio, odd: the high bits of the product depend on all bits (Knuth, 6.4). */
const MULTIPLIER = 0x9e37_79b1

/** No flow: flowIDs are not 0. */
const FREE = 0
const LEAST_CAPACITY = 16
/** Half full at most: an absent flowID, as every guess is, ends after 2.5 probes in the mean (Knuth, 6.4). */
const LOAD = 2

/** A million flows take 16 MB here, and far more in what the slots hold. */
export const FLOWS_LIMIT = 2 ** 20

export class FlowTable {
  /** Pairs of flowID and slot, side by side: one line of the cache. */
  #pairs = new Uint32Array(2 * LEAST_CAPACITY)
  #shift = 32 - Math.log2(LEAST_CAPACITY)
  #size = 0

  /** How many flowIDs are held. */
  get size(): number {
    return this.#size
  }

  /** The slot of a flowID, or -1. */
  get(flowId: number): number {
    const pairs = this.#pairs
    const mask = pairs.length - 1
    let at = (Math.imul(flowId, MULTIPLIER) >>> this.#shift) << 1
    for (;;) {
      const held = pairs[at]!
      if (held === FREE) return -1
      if (held === flowId) return pairs[at + 1]!
      at = (at + 2) & mask
    }
  }

  /** Binds a flowID to a slot (both 32 bits unsigned), instead of the one that it has. False: the table is full, or the flowID is 0. */
  set(flowId: number, slot: number): boolean {
    if (flowId === FREE) return false
    const at = this.#find(flowId)
    if (this.#pairs[at] === FREE) {
      if (this.#size >= FLOWS_LIMIT) return false
      this.#size++
    }
    this.#pairs[at] = flowId
    this.#pairs[at + 1] = slot
    if (LOAD * this.#size > this.#pairs.length >> 1) this.#grow()
    return true
  }

  /** Forgets a flowID; false if it was not there. */
  delete(flowId: number): boolean {
    const pairs = this.#pairs
    const mask = pairs.length - 1
    let gap = this.#find(flowId)
    if (flowId === FREE || pairs[gap] === FREE) return false
    this.#size--
    for (let at = (gap + 2) & mask; pairs[at] !== FREE; at = (at + 2) & mask) {
      const home = this.#home(pairs[at]!)
      // What lies between its home and here may move into the gap if the gap is on that way.
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      pairs[gap] = pairs[at]!
      pairs[gap + 1] = pairs[at + 1]!
      gap = at
    }
    pairs[gap] = FREE
    return true
  }

  /** Where a flowID is, or would be. */
  #find(flowId: number): number {
    const pairs = this.#pairs
    const mask = pairs.length - 1
    let at = this.#home(flowId)
    while (pairs[at] !== FREE && pairs[at] !== flowId) at = (at + 2) & mask
    return at
  }

  #home(flowId: number): number {
    return (Math.imul(flowId, MULTIPLIER) >>> this.#shift) << 1
  }

  #grow(): void {
    const old = this.#pairs
    this.#pairs = new Uint32Array(2 * old.length)
    this.#shift--
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === FREE) continue
      const at = this.#find(old[i]!)
      this.#pairs[at] = old[i]!
      this.#pairs[at + 1] = old[i + 1]!
    }
  }
}
