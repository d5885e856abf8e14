/**
 * Remembers addresses that did not answer while others did: the next connects ask others first. Nothing depends on it but
 * time, so it may forget.
 */
import type { Address } from '../../link/link.ts'

/** How long an address is asked last. A lease of a dead instance ends later, so connects find it again a few times. */
const DOUBT_MS = 10_000
/** More than a host talks to in that time. When full, the oldest is forgotten. */
const MOST_DOUBTED = 1024

export class Doubts {
  readonly #until = new Map<Address, number>()

  add(address: Address, now: number): void {
    this.#until.delete(address)
    this.#until.set(address, now + DOUBT_MS)
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= MOST_DOUBTED) break
      this.#until.delete(oldest)
    }
  }

  /** The address has answered. */
  clear(address: Address): void {
    this.#until.delete(address)
  }

  has(address: Address, now: number): boolean {
    const until = this.#until.get(address)
    if (until === undefined) return false
    if (now < until) return true
    this.#until.delete(address)
    return false
  }
}
