/**
 * Finds connections that send nothing valid after they open. Counts sweeps instead of milliseconds: while a process is
 * suspended or starved, the lines of honest hosts wait to be read, and a clock would call these hosts silent.
 */
export interface Greeter {
  /** True once it has sent a valid line. */
  readonly hasGreeted: boolean
}

export class Silent<G extends Greeter> {
  #seenOnce: ReadonlySet<G> = new Set()
  #seenTwice: ReadonlySet<G> = new Set()

  /** Returns the connections that were silent in this sweep and in the two before it. */
  sweep(connections: Iterable<G>): G[] {
    const silent = [...connections].filter(({ hasGreeted }) => !hasGreeted)
    const over = silent.filter(one => this.#seenTwice.has(one))
    this.#seenTwice = new Set(silent.filter(one => this.#seenOnce.has(one)))
    this.#seenOnce = new Set(silent)
    return over
  }
}
