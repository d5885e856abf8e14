/**
 * The deadlines of many flows: one for each slot, in the order of time and, at the same time, of scheduling. A binary
 * heap of slots that knows where each slot is, so that moving or cancelling a deadline needs no search.
 */

const LEAST_CAPACITY = 16
const ABSENT = -1

/** Four for each flow of a full flow table. */
export const TIMERS_LIMIT = 2 ** 22

export class Timers {
  #heap = new Int32Array(LEAST_CAPACITY)
  #size = 0
  #scheduled = 0
  /** By slot: when, in which order it was scheduled, and where in the heap. */
  #timeMs = new Float64Array(LEAST_CAPACITY)
  #order = new Float64Array(LEAST_CAPACITY)
  #place = new Int32Array(LEAST_CAPACITY).fill(ABSENT)

  /** How many deadlines there are. */
  get size(): number {
    return this.#size
  }

  /** Sets or moves the deadline of a slot (0 to TIMERS_LIMIT - 1). Infinity is none. Throws a RangeError. */
  schedule(slot: number, timeMs: number): void {
    if (!(Number.isInteger(slot) && slot >= 0 && slot < TIMERS_LIMIT) || Number.isNaN(timeMs))
      throw new RangeError(`no deadline ${timeMs} for slot ${slot}: slots are 0 to ${TIMERS_LIMIT - 1}`)
    if (timeMs === Infinity) {
      this.cancel(slot)
      return
    }
    if (slot >= this.#place.length) this.#grow(slot)
    this.#timeMs[slot] = timeMs
    this.#order[slot] = this.#scheduled++
    const place = this.#place[slot] === ABSENT ? this.#size++ : this.#place[slot]!
    this.#heap[place] = slot
    this.#place[slot] = place
    this.#down(this.#up(place))
  }

  /** Forgets the deadline of a slot, if it has one. */
  cancel(slot: number): void {
    const place = this.#place[slot] ?? ABSENT
    if (place === ABSENT) return
    this.#place[slot] = ABSENT
    const last = this.#heap[--this.#size]!
    if (last === slot) return
    this.#heap[place] = last
    this.#place[last] = place
    this.#down(this.#up(place))
  }

  /** The earliest deadline, or Infinity. */
  next(): number {
    return this.#size === 0 ? Infinity : this.#timeMs[this.#heap[0]!]!
  }

  /** Takes the first slot whose deadline is not after `nowMs`; -1 when there is none. */
  due(nowMs: number): number {
    const slot = this.#heap[0]!
    if (this.#size === 0 || this.#timeMs[slot]! > nowMs) return ABSENT
    this.cancel(slot)
    return slot
  }

  #isBefore(a: number, b: number): boolean {
    const timeA = this.#timeMs[a]!
    const timeB = this.#timeMs[b]!
    return timeA === timeB ? this.#order[a]! < this.#order[b]! : timeA < timeB
  }

  #up(start: number): number {
    const slot = this.#heap[start]!
    let place = start
    while (place > 0) {
      const above = (place - 1) >> 1
      if (!this.#isBefore(slot, this.#heap[above]!)) break
      this.#put(place, this.#heap[above]!)
      place = above
    }
    this.#put(place, slot)
    return place
  }

  #down(start: number): void {
    const slot = this.#heap[start]!
    let place = start
    for (;;) {
      let below = 2 * place + 1
      if (below >= this.#size) break
      if (below + 1 < this.#size && this.#isBefore(this.#heap[below + 1]!, this.#heap[below]!)) below++
      if (!this.#isBefore(this.#heap[below]!, slot)) break
      this.#put(place, this.#heap[below]!)
      place = below
    }
    this.#put(place, slot)
  }

  #put(place: number, slot: number): void {
    this.#heap[place] = slot
    this.#place[slot] = place
  }

  #grow(slot: number): void {
    const old = this.#place.length
    const capacity = 2 ** Math.ceil(Math.log2(slot + 1))
    this.#heap = copyInto(new Int32Array(capacity), this.#heap)
    this.#timeMs = copyInto(new Float64Array(capacity), this.#timeMs)
    this.#order = copyInto(new Float64Array(capacity), this.#order)
    this.#place = copyInto(new Int32Array(capacity), this.#place)
    this.#place.fill(ABSENT, old)
  }
}

function copyInto<Numbers extends Int32Array | Float64Array>(target: Numbers, source: Numbers): Numbers {
  target.set(source)
  return target
}
