/** Limits the hosts that are connected to a controller, in all and by source. A silent host gives way to a new one. */
import { must } from '../../checker/text/at.ts'
import type { SourceNetwork } from '../link/sourceNetwork.ts'
import { PEER_IDLE_MS, PEERS_LIMIT, PEERS_OF_SOURCE } from './limits.ts'

export interface Guest {
  readonly source: SourceNetwork
  /** When it last said something, or connected. */
  readonly heardMs: number
}

export interface AdmissionLimits {
  readonly all: number
  readonly ofSource: number
  /** A host that has been silent for this long gives way to another of its source. */
  readonly silentMs: number
}

/** The limits of a controller. */
export const OF_CONTROLLERS: AdmissionLimits = {
  all: PEERS_LIMIT,
  ofSource: PEERS_OF_SOURCE,
  silentMs: PEER_IDLE_MS,
}

export class Admission<G extends Guest> {
  readonly #limits: AdmissionLimits
  readonly #bySource = new Map<SourceNetwork, Set<G>>()
  #size = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#size
  }

  /**
   * Admits a host. Returns the host to disconnect, if any. If the source is at its limit, that is the source's host that
   * has been silent longest, or `guest` itself if none has been silent long enough. If all sources together are at their
   * limit, it is the host that has been silent longest among the sources with the most hosts.
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

  /** Returns the hosts of the source with the largest sum of `weigh`. */
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
