/**
 * When a flow may return to an address that it has left, because the address disappeared or its path fell silent. A network at the
 * edge of its range comes and goes; a flow that followed each time would never be at rest. Pure: times and chance are arguments.
 */
import type { Address } from '../../link/link.ts'

/** An address that has held for this long since its flow might return is trusted as before, ms. */
const HELD_MS = 60_000
/** The longest wait, ms: after a bad hour the better network is used again soon enough. */
const MOST_WAIT_MS = 300_000
/** The most that chance adds to a wait: a half. Otherwise all hosts of a network that works again return to it at once. */
const SPREAD = 0.5
/** More than a host has. When full, the address that was left first is forgotten. */
const MOST_LEFT = 16

interface Left {
  readonly waitMs: number
  readonly dueMs: number
}

export class Returns {
  readonly #firstMs: number
  readonly #left = new Map<Address, Left>()

  /** `firstMs`: the wait after the first time. */
  constructor(firstMs: number) {
    this.#firstMs = firstMs
  }

  /**
   * The flow has left the address, or has tried in vain to return. It waits twice as long as before if the address has not held.
   * `chance` is from 0 to 1.
   */
  left(address: Address, nowMs: number, chance: number): void {
    const before = this.#left.get(address)
    const isAgain = before !== undefined && nowMs < before.dueMs + HELD_MS
    this.#wait(address, isAgain ? Math.min(2 * before.waitMs, MOST_WAIT_MS) : this.#firstMs, nowMs, chance)
    for (const oldest of this.#left.keys()) {
      if (this.#left.size <= MOST_LEFT) break
      this.#left.delete(oldest)
    }
  }

  /** The host has the address again: the wait begins now. */
  appeared(address: Address, nowMs: number, chance: number): void {
    const before = this.#left.get(address)
    if (before !== undefined) this.#wait(address, before.waitMs, nowMs, chance)
  }

  /** Returns when the flow may return, ms; 0 if it has never left the address. */
  dueMs(address: Address): number {
    return this.#left.get(address)?.dueMs ?? 0
  }

  /** Returns the next time after `nowMs` when the flow may return somewhere; Infinity if there is none. */
  nextMs(nowMs: number): number {
    let nextMs = Infinity
    for (const { dueMs } of this.#left.values()) if (dueMs > nowMs) nextMs = Math.min(nextMs, dueMs)
    return nextMs
  }

  #wait(address: Address, waitMs: number, nowMs: number, chance: number): void {
    this.#left.delete(address)
    this.#left.set(address, { waitMs, dueMs: nowMs + waitMs * (1 + SPREAD * chance) })
  }
}
