/**
 * IPv6 addresses as small numbers. A table of fixed size: when it is full, one that nobody holds and that was not
 * used lately makes room. A number that was forgotten is not given to another host for two million reuses of its
 * place, so what is still kept somewhere leads nowhere, and never to a stranger.
 */

/** Hosts known at once. A flood of forged sources gets no more than this: some 20 MB. */
export const MAX_HOSTS = 65536

/** Numbers stay below this, so that with a port and the offset above IPv4 they are exact in a double. */
const MAX_GENERATIONS = 31 * 65536

export class Hosts {
  readonly #capacity: number
  readonly #slots = new Map<string, number>()
  readonly #texts: string[] = []
  readonly #bytes: Uint8Array[] = []
  readonly #holds: number[] = []
  readonly #generations: number[] = []
  readonly #touched: Uint8Array
  #hand = 0

  constructor(capacity = MAX_HOSTS) {
    this.#capacity = capacity
    this.#touched = new Uint8Array(capacity)
  }

  get size(): number {
    return this.#slots.size
  }

  /** The number of a host that is known by this canonical text; -1 when it is not. */
  find(text: string): number {
    const slot = this.#slots.get(text)
    if (slot === undefined) return -1
    this.#touched[slot] = 1
    return this.#numberOf(slot)
  }

  /** Makes a host known. -1 when all that are known are held. */
  add(text: string, bytes: Uint8Array): number {
    const found = this.find(text)
    if (found >= 0) return found
    const slot = this.#texts.length < this.#capacity ? this.#texts.length : this.#makeRoom()
    if (slot < 0) return -1
    this.#generations[slot] = ((this.#generations[slot] ?? -1) + 1) % MAX_GENERATIONS
    this.#slots.set(text, slot)
    this.#texts[slot] = text
    this.#bytes[slot] = bytes
    this.#holds[slot] = 0
    // Not touched: who is seen once only goes first.
    this.#touched[slot] = 0
    return this.#numberOf(slot)
  }

  text(number: number): string | undefined {
    const slot = this.#slotOf(number)
    if (slot < 0) return undefined
    this.#touched[slot] = 1
    return this.#texts[slot]
  }

  bytes(number: number): Uint8Array | undefined {
    const slot = this.#slotOf(number)
    return slot < 0 ? undefined : this.#bytes[slot]
  }

  /** `by` 1: is not forgotten until the same with -1. False when it is forgotten already. */
  hold(number: number, by: 1 | -1): boolean {
    const slot = this.#slotOf(number)
    if (slot < 0) return false
    this.#holds[slot] = Math.max(0, this.#holds[slot]! + by)
    return true
  }

  #numberOf(slot: number): number {
    return this.#generations[slot]! * this.#capacity + slot
  }

  #slotOf(number: number): number {
    const slot = number % this.#capacity
    return slot < this.#texts.length && this.#numberOf(slot) === number ? slot : -1
  }

  /** The hand goes round, at most twice: takes the mark from who was used since, and stops at who was not. */
  #makeRoom(): number {
    for (let steps = 0; steps < 2 * this.#capacity; steps++) {
      const slot = this.#hand
      this.#hand = (slot + 1) % this.#capacity
      if (this.#holds[slot]! > 0) continue
      if (this.#touched[slot] === 0) {
        this.#slots.delete(this.#texts[slot]!)
        return slot
      }
      this.#touched[slot] = 0
    }
    return -1
  }
}
