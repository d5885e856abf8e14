/** A queue of functions ordered by time, and by insertion at one time. A binary heap. */

interface Entry {
  readonly timeMs: number
  readonly order: number
  readonly run: () => void
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order)

export class Agenda {
  readonly #heap: Entry[] = []
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  /** The time of the first function; Infinity if the queue is empty. */
  get nextMs(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : (this.#heap[0] as Entry).timeMs
  }

  put(timeMs: number, run: () => void): void {
    const entry = { timeMs, order: this.#order++, run }
    const heap = this.#heap
    let place = heap.push(entry) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      if (isBefore(heap[above] as Entry, entry)) break
      heap[place] = heap[above] as Entry
      place = above
    }
    heap[place] = entry
  }

  /** Removes and returns the first function, or undefined. */
  take(): (() => void) | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last !== undefined && last !== first) this.#sink(last)
    return first?.run
  }

  clear(): void {
    this.#heap.length = 0
  }

  #sink(entry: Entry): void {
    const heap = this.#heap
    let place = 0
    for (;;) {
      const left = 2 * place + 1
      if (left >= heap.length) break
      const right = left + 1
      const child = right < heap.length && isBefore(heap[right] as Entry, heap[left] as Entry) ? right : left
      if (isBefore(entry, heap[child] as Entry)) break
      heap[place] = heap[child] as Entry
      place = child
    }
    heap[place] = entry
  }
}
