/** Which hosts have asked for which services, and what each of them knows of the rules. */

import { must } from '../../checker/text/at.ts'
import type { Admission } from './admission.ts'
import { Askers } from './askers.ts'
import { ASKED_IN_ALL, ASKED_LIMIT } from './limits.ts'
import type { Peer } from './peer.ts'
import type { Resolver } from './resolver.ts'
import { type Told, Views } from './views.ts'

export class Subscriptions {
  readonly #askers = new Askers<Peer>()
  readonly #views = new Views()
  readonly #admission: Admission<Peer>
  readonly #resolver: Resolver<Peer>
  readonly #counters: { forgotten: number }
  readonly #mayResolve: (peer: Peer, id: string) => boolean

  /** `counters.forgotten` counts subscriptions that are cancelled because there are too many. */
  constructor(
    admission: Admission<Peer>,
    resolver: Resolver<Peer>,
    counters: { forgotten: number },
    mayResolve: (peer: Peer, id: string) => boolean,
  ) {
    this.#mayResolve = mayResolve
    this.#admission = admission
    this.#resolver = resolver
    this.#counters = counters
  }

  /**
   * Subscribes the host to the service's changes. Above the limit, cancels the oldest subscription of the source that has
   * most.
   */
  add(peer: Peer, id: string): void {
    peer.ask(id)
    // A host that asks again may have forgotten the list.
    peer.versions.delete(id)
    this.#askers.add(id, peer)
    if (peer.asked.size > ASKED_LIMIT) this.#forget(peer)
    if (this.#askers.size <= ASKED_IN_ALL) return
    const those = [...this.#admission.heaviest(({ asked }) => asked.size)]
    this.#forget(those.reduce((most, one) => (one.asked.size > most.asked.size ? one : most)))
  }

  /** Queues what a host asked for; of a router these services, but it does not even learn of those that it may not resolve. */
  touch(peer: Peer, services: Iterable<string>): void {
    for (const id of peer.wantsAll ? services : peer.asked)
      if (!peer.wantsAll || this.#mayResolve(peer, id)) peer.touch(id)
  }

  /** Cancels all subscriptions of a host that is gone. */
  leave(peer: Peer): void {
    for (const id of peer.asked) this.#askers.delete(id, peer)
  }

  /** Cancels the oldest subscription of a host, so that it asks again when it needs the service. */
  #forget(peer: Peer): void {
    const id: string = must(peer.asked.values().next().value)
    peer.asked.delete(id)
    peer.waiting.delete(id)
    this.#askers.delete(id, peer)
    this.#counters.forgotten++
    // A host without targets of the service has no rules to remove.
    if (peer.versions.delete(id)) peer.touch(id)
  }

  /**
   * The rules of a service or prefix have changed: queues them for hosts that asked for it or for a service below it, and
   * answers those that wait.
   */
  changed(id: string): void {
    this.#views.stale(id)
    this.#askers.below(id, (asked, peers) => {
      this.#views.stale(asked)
      for (const peer of peers) {
        if (!peer.wantsAll) peer.touch(asked)
        if (!peer.waiting.has(asked) || this.#resolver.find(Buffer.from(asked, 'hex')) === undefined) continue
        peer.waiting.delete(asked)
        peer.sayAfter({ type: 'resolved', service: asked, found: true })
      }
    })
  }

  /** The rules of exactly this service have changed for routers. */
  stale(id: string): void {
    this.#views.stale(id)
  }

  /** Returns what a host must learn of a service or prefix. Hosts of one network that play the same part have the same rules. */
  told(peer: Peer, id: string): Told {
    const { network, understandsChanges, versions } = peer
    const mayResolve = this.#mayResolve(peer, id)
    const [isRouter, isAsked] = [peer.wantsAll && mayResolve, peer.asked.has(id) && mayResolve]
    const known = understandsChanges ? versions.get(id) : undefined
    return this.#views.tell(id, `${network} ${isRouter} ${isAsked}`, known, () =>
      this.#resolver.rules(id, network, { isRouter, isAsked }),
    )
  }
}
