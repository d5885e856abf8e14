import type { Source } from '../../link/source.ts'

/** What one party makes wait. */
export interface OfSource {
  /** Undefined: this host's own. It makes room for nobody. */
  readonly source: Source | undefined
}

/** Things that wait, by source, oldest first. */
export class Crowd<T extends OfSource> {
  readonly #bySource = new Map<Source, Set<T>>()

  add(one: T): void {
    if (one.source === undefined) return
    const own = this.#bySource.get(one.source)
    if (own === undefined) this.#bySource.set(one.source, new Set([one]))
    else own.add(one)
  }

  delete(one: T): void {
    if (one.source === undefined) return
    const own = this.#bySource.get(one.source)
    if (own?.delete(one) && own.size === 0) this.#bySource.delete(one.source)
  }

  /** How many a source has; 0 for this host. */
  count(source: Source | undefined): number {
    return source === undefined ? 0 : (this.#bySource.get(source)?.size ?? 0)
  }

  /** The oldest one of the source that has most; of several such sources, of the one that waits longest. */
  first(): T | undefined {
    let most: ReadonlySet<T> | undefined
    for (const own of this.#bySource.values()) if (own.size > (most?.size ?? 0)) most = own
    return most?.values().next().value
  }

  /** Of some of them, in the order in which they came, the first one of the source that has most of all that wait. */
  firstOf(some: Iterable<T>): T | undefined {
    let found: T | undefined
    for (const one of some)
      if (this.count(one.source) > (found === undefined ? 0 : this.count(found.source))) found = one
    return found
  }
}
