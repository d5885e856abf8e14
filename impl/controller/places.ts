/** Places for hosts at a controller: so many in all, and so many for each source. Hosts that are silent give way. */
import { must } from '../../checker/text/at.ts'
import type { Source } from '../link/source.ts'

export interface Guest {
  readonly source: Source
  /** When it last said something, or connected. */
  readonly heardMs: number
}

export interface PlaceLimits {
  readonly all: number
  readonly ofSource: number
  /** A host that has said nothing for so long gives way to another one of its source. */
  readonly silentMs: number
}

export class Places<G extends Guest> {
  readonly #limits: PlaceLimits
  readonly #bySource = new Map<Source, Set<G>>()
  #size = 0

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#size
  }

  /**
   * Takes a host in. Returns the one that must go instead, which may be itself: the most silent one of its own source when
   * that has as many as it may, else, when all places are taken, the most silent one of the sources that have the
   * most.
   */
  add(guest: G): G | undefined {
    const own = this.#bySource.get(guest.source) ?? new Set<G>()
    this.#bySource.set(guest.source, own)
    own.add(guest)
    this.#size++
    if (own.size > this.#limits.ofSource) {
      const silent = mostSilent(own)
      return guest.heardMs - silent.heardMs >= this.#limits.silentMs ? silent : guest
    }
    return this.#size > this.#limits.all ? mostSilent(this.#ofLargest()) : undefined
  }

  delete(guest: G): boolean {
    const own = this.#bySource.get(guest.source)
    if (!own?.delete(guest)) return false
    if (own.size === 0) this.#bySource.delete(guest.source)
    this.#size--
    return true
  }

  /** The hosts of the source that has the largest sum of `weigh`. */
  heaviest(weigh: (guest: G) => number): ReadonlySet<G> {
    let [best, most] = [new Set<G>(), -1]
    for (const guests of this.#bySource.values()) {
      let sum = 0
      for (const guest of guests) sum += weigh(guest)
      if (sum > most) [best, most] = [guests, sum]
    }
    return best
  }

  /** The hosts of all sources that have the most: a flood from many networks does not drive out a host that speaks. */
  *#ofLargest(): Generator<G> {
    let most = 0
    for (const { size } of this.#bySource.values()) most = Math.max(most, size)
    for (const guests of this.#bySource.values()) if (guests.size === most) yield* guests
  }
}

function mostSilent<G extends Guest>(guests: Iterable<G>): G {
  let found: G | undefined
  for (const guest of guests) if (found === undefined || guest.heardMs < found.heardMs) found = guest
  return must(found)
}
