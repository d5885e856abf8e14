/** Queues of numbered places, each a ring that its owner identifies by its first place. A place is in at most one ring. */

/** An empty ring. */
export const NOWHERE = -1

export class Rings {
  readonly #next: Int32Array
  readonly #previous: Int32Array

  constructor(capacity: number) {
    this.#next = new Int32Array(capacity)
    this.#previous = new Int32Array(capacity)
  }

  /** Returns the next place, cyclically. To advance the first place is therefore to move it to the end. */
  after(place: number): number {
    return this.#next[place] as number
  }

  /** Appends a place to the ring that begins at `first`. Returns the first place. */
  append(first: number, place: number): number {
    const next = first === NOWHERE ? place : first
    const previous = first === NOWHERE ? place : (this.#previous[first] as number)
    this.#next[place] = next
    this.#previous[place] = previous
    this.#next[previous] = place
    this.#previous[next] = place
    return next
  }

  /** Removes a place from the ring that begins at `first`. Returns the first place that is left. */
  remove(first: number, place: number): number {
    const next = this.#next[place] as number
    if (next === place) return NOWHERE
    const previous = this.#previous[place] as number
    this.#next[previous] = next
    this.#previous[next] = previous
    return place === first ? next : first
  }
}
