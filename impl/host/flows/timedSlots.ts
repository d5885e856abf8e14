/** Things with a timer each. Each has a slot of its own, which the next one takes when it has gone. */
import { Timers } from './timers.ts'

export class TimedSlots<Item extends { readonly slot: number }> {
  readonly #items: (Item | undefined)[] = []
  readonly #free: number[] = []
  readonly #timers = new Timers()

  /** Adds what `make` returns for a free slot. */
  add<Added extends Item>(make: (slot: number) => Added): Added {
    const item = make(this.#free.pop() ?? this.#items.length)
    this.#items[item.slot] = item
    return item
  }

  at(slot: number): Item | undefined {
    return this.#items[slot]
  }

  remove({ slot }: Item): void {
    this.#timers.cancel(slot)
    this.#items[slot] = undefined
    this.#free.push(slot)
  }

  /** The item is due at this time, ms, and no more at an earlier one. */
  schedule({ slot }: Item, dueMs: number): void {
    this.#timers.schedule(slot, dueMs)
  }

  cancel({ slot }: Item): void {
    this.#timers.cancel(slot)
  }

  /** Returns when the next item is due, ms. */
  next(): number {
    return this.#timers.next()
  }

  /** Yields the items that are due; each is due once. */
  *due(now: number): Generator<Item> {
    for (let slot = this.#timers.due(now); slot >= 0; slot = this.#timers.due(now)) {
      const item = this.#items[slot]
      if (item !== undefined) yield item
    }
  }
}
