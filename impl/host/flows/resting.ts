/**
 * Flows in TIME-WAIT by slot, oldest first: a linked list in two arrays, so that a host finds the oldest, and removes
 * any, in constant time.
 */

const LEAST_CAPACITY = 16
const NONE = -1

export class Resting {
  #before = new Int32Array(LEAST_CAPACITY).fill(NONE)
  #after = new Int32Array(LEAST_CAPACITY).fill(NONE)
  #oldest = NONE
  #newest = NONE
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The slot of the flow that has rested longest, or -1. */
  get oldest(): number {
    return this.#oldest
  }

  has(slot: number): boolean {
    return slot === this.#newest || (slot < this.#after.length && this.#after[slot] !== NONE)
  }

  /** Adds a slot that is not yet in the list. */
  add(slot: number): void {
    if (slot >= this.#after.length) this.#grow(slot)
    this.#before[slot] = this.#newest
    this.#after[slot] = NONE
    if (this.#newest === NONE) this.#oldest = slot
    else this.#after[this.#newest] = slot
    this.#newest = slot
    this.#count++
  }

  /** Does nothing if the slot is not in the list. */
  remove(slot: number): void {
    if (!this.has(slot)) return
    const before = this.#before[slot] as number
    const after = this.#after[slot] as number
    if (before === NONE) this.#oldest = after
    else this.#after[before] = after
    if (after === NONE) this.#newest = before
    else this.#before[after] = before
    this.#before[slot] = this.#after[slot] = NONE
    this.#count--
  }

  #grow(slot: number): void {
    const capacity = 2 ** Math.ceil(Math.log2(slot + 1))
    const [before, after] = [this.#before, this.#after]
    this.#before = new Int32Array(capacity).fill(NONE)
    this.#after = new Int32Array(capacity).fill(NONE)
    this.#before.set(before)
    this.#after.set(after)
  }
}
