/**
 * The deadlines of many flows, one per slot, ordered by time and then by scheduling. A binary heap of slots with an
 * index by slot, so that moving or cancelling a deadline needs no search.
 */

const LEAST_CAPACITY = 16
const ABSENT = -1

/** Four for each flow of a full flow table. */
export const TIMERS_LIMIT = 2 ** 22

export class Timers {
  /** By place in the heap: the slot, the time, and the order of scheduling. */
  #slot = new Int32Array(LEAST_CAPACITY)
  #timeMs = new Float64Array(LEAST_CAPACITY)
  #order = new Float64Array(LEAST_CAPACITY)
  #size = 0
  #scheduled = 0
  /** By slot: its place in the heap. The other arrays grow with the number of deadlines. */
  #place = new Int32Array(LEAST_CAPACITY).fill(ABSENT)

  /** The number of deadlines. */
  get size(): number {
    return this.#size
  }

  /** Sets or moves the deadline of a slot (0 to TIMERS_LIMIT - 1). Infinity removes it. Throws a RangeError. */
  schedule(slot: number, timeMs: number): void {
    if (!(Number.isInteger(slot) && slot >= 0 && slot < TIMERS_LIMIT) || Number.isNaN(timeMs))
      throw new RangeError(`no deadline ${timeMs} for slot ${slot}: slots are 0 to ${TIMERS_LIMIT - 1}`)
    if (timeMs === Infinity) {
      this.cancel(slot)
      return
    }
    if (slot >= this.#place.length) this.#growSlots(slot)
    if (this.#place[slot] === ABSENT && this.#size === this.#slot.length) this.#growHeap()
    const place = this.#place[slot] === ABSENT ? this.#size++ : (this.#place[slot] as number)
    this.#settle(place, slot, timeMs, this.#scheduled++)
  }

  /** Removes the deadline of a slot, if it has one. */
  cancel(slot: number): void {
    const place = this.#place[slot] ?? ABSENT
    if (place === ABSENT) return
    this.#place[slot] = ABSENT
    const last = --this.#size
    if (place < last)
      this.#settle(
        place,
        this.#slot[last] as number,
        this.#timeMs[last] as number,
        this.#order[last] as number,
      )
  }

  /** The earliest deadline, or Infinity. */
  next(): number {
    return this.#size === 0 ? Infinity : (this.#timeMs[0] as number)
  }

  /** Removes and returns the first slot whose deadline is not after `nowMs`, or -1. */
  due(nowMs: number): number {
    if (this.#size === 0 || (this.#timeMs[0] as number) > nowMs) return ABSENT
    const slot = this.#slot[0] as number
    this.cancel(slot)
    return slot
  }

  /** Puts a deadline into its place, starting at one whose own deadline is obsolete. */
  #settle(start: number, slot: number, timeMs: number, order: number): void {
    let place = start
    while (place > 0 && !this.#isBefore((place - 1) >> 1, timeMs, order)) {
      const above = (place - 1) >> 1
      this.#put(
        place,
        this.#slot[above] as number,
        this.#timeMs[above] as number,
        this.#order[above] as number,
      )
      place = above
    }
    for (;;) {
      let below = 2 * place + 1
      if (below >= this.#size) break
      const right = below + 1
      if (
        right < this.#size &&
        this.#isBefore(right, this.#timeMs[below] as number, this.#order[below] as number)
      )
        below = right
      if (!this.#isBefore(below, timeMs, order)) break
      this.#put(
        place,
        this.#slot[below] as number,
        this.#timeMs[below] as number,
        this.#order[below] as number,
      )
      place = below
    }
    this.#put(place, slot, timeMs, order)
  }

  #isBefore(place: number, timeMs: number, order: number): boolean {
    return this.#timeMs[place] === timeMs
      ? (this.#order[place] as number) < order
      : (this.#timeMs[place] as number) < timeMs
  }

  #put(place: number, slot: number, timeMs: number, order: number): void {
    this.#slot[place] = slot
    this.#timeMs[place] = timeMs
    this.#order[place] = order
    this.#place[slot] = place
  }

  #growHeap(): void {
    const capacity = 2 * this.#slot.length
    this.#slot = copyInto(new Int32Array(capacity), this.#slot)
    this.#timeMs = copyInto(new Float64Array(capacity), this.#timeMs)
    this.#order = copyInto(new Float64Array(capacity), this.#order)
  }

  #growSlots(slot: number): void {
    const old = this.#place.length
    this.#place = copyInto(new Int32Array(2 ** Math.ceil(Math.log2(slot + 1))), this.#place)
    this.#place.fill(ABSENT, old)
  }
}

function copyInto<Numbers extends Int32Array | Float64Array>(target: Numbers, source: Numbers): Numbers {
  target.set(source)
  return target
}
