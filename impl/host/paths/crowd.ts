import type { SourceNetwork } from '../../link/sourceNetwork.ts'

/** Something that waits, and its source. */
export interface OfSource {
  /** Undefined for this host's own. It is never evicted. */
  readonly source: SourceNetwork | undefined
}

/** Waiting things by source, oldest first. */
export class Crowd<T extends OfSource> {
  readonly #bySource = new Map<SourceNetwork, Set<T>>()

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

  /** Returns how many a source has; 0 for this host. */
  count(source: SourceNetwork | undefined): number {
    return source === undefined ? 0 : (this.#bySource.get(source)?.size ?? 0)
  }

  /** Returns the oldest thing of the source with the most; among equal sources, the one that has waited longest. */
  first(): T | undefined {
    let most: ReadonlySet<T> | undefined
    for (const own of this.#bySource.values()) if (own.size > (most?.size ?? 0)) most = own
    return most?.values().next().value
  }

  /** Returns the first among `some`, in their order, of the source that has most in the whole crowd. */
  firstOf(some: Iterable<T>): T | undefined {
    let found: T | undefined
    for (const one of some)
      if (this.count(one.source) > (found === undefined ? 0 : this.count(found.source))) found = one
    return found
  }
}
