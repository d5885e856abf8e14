/** Records which hosts have asked for which services, so that a change of a prefix reaches the hosts that it affects. */
import { must } from '../../checker/text/at.ts'
import { covers, servicePrefixOf } from '../host/services/serviceId.ts'
import { bitsOf } from './prefixes.ts'

/** Digits by which services are grouped: every registered prefix has at least as many. */
const HEAD_DIGITS = 8

export class Askers<Peer> {
  readonly #heads = new Map<string, Map<string, Set<Peer>>>()
  #size = 0

  /** The number of pairs of a service and a host that asked for it. */
  get size(): number {
    return this.#size
  }

  /** `id`: 64 digits. */
  add(id: string, peer: Peer): void {
    const head = id.slice(0, HEAD_DIGITS)
    const those = this.#heads.get(head) ?? new Map<string, Set<Peer>>()
    this.#heads.set(head, those)
    const peers = those.get(id)
    if (peers?.has(peer)) return
    this.#size++
    if (peers === undefined) those.set(id, new Set([peer]))
    else peers.add(peer)
  }

  delete(id: string, peer: Peer): void {
    const head = id.slice(0, HEAD_DIGITS)
    const those = this.#heads.get(head)
    const peers = those?.get(id)
    if (!peers?.delete(peer)) return
    this.#size--
    if (peers.size > 0) return
    must(those).delete(id)
    if (must(those).size === 0) this.#heads.delete(head)
  }

  /**
   * Calls `tell` for each service below the prefix (its digits), with the hosts that asked. There may be many, so it compares
   * digits before bits.
   */
  below(prefixId: string, tell: (id: string, peers: Iterable<Peer>) => void): void {
    const bits = bitsOf(prefixId)
    const digits = prefixId.slice(0, bits >> 2)
    if (digits.length >= HEAD_DIGITS && !this.#heads.has(digits.slice(0, HEAD_DIGITS))) return
    const prefix = servicePrefixOf(prefixId)
    const isBelow = (id: string): boolean =>
      id.startsWith(digits) && (bits % 4 === 0 || covers(prefix, Buffer.from(id, 'hex')))
    const tellOf = (those: ReadonlyMap<string, Set<Peer>>): void =>
      those.forEach((peers, id) => {
        if (isBelow(id)) tell(id, peers)
      })
    if (digits.length < HEAD_DIGITS) this.#heads.forEach(tellOf)
    else tellOf(this.#heads.get(digits.slice(0, HEAD_DIGITS)) ?? new Map())
  }
}
