/**
 * A hash table of numbers from 1 to VALUE_MASK, with open addressing and linear probing. Its owner knows the keys of
 * the numbers, and does the probing: from `homeOf(hash)` on, masked with `mask`, until a free place. A place with a
 * mark other than the hash's holds another key.
 */
const LEAST_CAPACITY = 16
const HASH_BITS = 32
/** At most this many of every 8 places are used: fitting in a processor's cache is worth longer probing. */
const LOAD = 7

/** A place holds a number (0 for none), and above it eight bits of the hash, which exclude most other keys at once. */
export const VALUE_MASK = 2 ** 24 - 1
/** Uses the bits below those that select the home place. */
export const markOf = (hash: number): number => (hash << 21) & ~VALUE_MASK

const FREE = 0

export class Slots {
  readonly #hashOf: (value: number) => number
  places = new Int32Array(LEAST_CAPACITY)
  #shift = HASH_BITS - Math.log2(LEAST_CAPACITY)
  #taken = 0

  /** `hashOf` returns the hash of a stored number. */
  constructor(hashOf: (value: number) => number) {
    this.#hashOf = hashOf
  }

  get mask(): number {
    return this.places.length - 1
  }

  /** The place where probing begins. */
  homeOf(hash: number): number {
    return (hash >>> this.#shift) | 0
  }

  /** Returns the content of the home place. */
  glance(hash: number): number {
    return this.places[this.homeOf(hash)] as number
  }

  /** Returns the first number whose mark matches, or 0. */
  likely(hash: number): number {
    const { places, mask } = this
    const own = markOf(hash)
    let place = this.homeOf(hash)
    let slot = places[place] as number
    while (slot !== FREE && ((slot ^ own) & ~VALUE_MASK) !== 0) {
      place = (place + 1) & mask
      slot = places[place] as number
    }
    return slot & VALUE_MASK
  }

  /** The number at a place. */
  at(place: number): number {
    return (this.places[place] as number) & VALUE_MASK
  }

  /** Replaces the number at a place by another with the same hash. */
  set(place: number, value: number): void {
    this.places[place] = ((this.places[place] as number) & ~VALUE_MASK) | value
  }

  add(hash: number, value: number): void {
    if (8 * (this.#taken + 1) > LOAD * this.places.length) this.#grow()
    this.#put(hash, value)
    this.#taken++
  }

  /** Moves later entries back into the gap, unless their home lies between (Knuth, 6.4, algorithm R). */
  delete(place: number): void {
    const { places, mask } = this
    let gap = place
    for (let at = (gap + 1) & mask; places[at] !== FREE; at = (at + 1) & mask) {
      const home = this.homeOf(this.#hashOf(this.at(at)))
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      places[gap] = places[at] as number
      gap = at
    }
    places[gap] = FREE
    this.#taken--
  }

  #put(hash: number, value: number): void {
    const { places, mask } = this
    let at = this.homeOf(hash)
    while (places[at] !== FREE) at = (at + 1) & mask
    places[at] = markOf(hash) | value
  }

  #grow(): void {
    const old = this.places
    this.places = new Int32Array(2 * old.length)
    this.#shift--
    for (const slot of old) if (slot !== FREE) this.#put(this.#hashOf(slot & VALUE_MASK), slot & VALUE_MASK)
  }
}
