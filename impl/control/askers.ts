/** Which hosts have asked for which services, so that what becomes of a prefix is told to those whom it concerns. */
import { covers, printServiceId, type ServicePrefix } from '../sal/serviceId.ts'

/** Digits by which services are sorted: a prefix that is registered has no fewer. */
const HEAD_DIGITS = 8

export class Askers<Peer> {
  readonly #heads = new Map<string, Map<string, Set<Peer>>>()

  /** `id`: 64 digits. */
  add(id: string, peer: Peer): void {
    const head = id.slice(0, HEAD_DIGITS)
    const those = this.#heads.get(head) ?? new Map<string, Set<Peer>>()
    this.#heads.set(head, those)
    const peers = those.get(id)
    if (peers === undefined) those.set(id, new Set([peer]))
    else peers.add(peer)
  }

  delete(id: string, peer: Peer): void {
    const head = id.slice(0, HEAD_DIGITS)
    const those = this.#heads.get(head)
    const peers = those?.get(id)
    if (!peers?.delete(peer) || peers.size > 0) return
    those!.delete(id)
    if (those!.size === 0) this.#heads.delete(head)
  }

  /** The services that begin so, and who has asked for each. */
  below(prefix: ServicePrefix): [id: string, peers: Iterable<Peer>][] {
    const head = printServiceId(prefix.id).slice(0, HEAD_DIGITS)
    const those = prefix.bits < 4 * HEAD_DIGITS ? [...this.#heads.values()] : [this.#heads.get(head) ?? []]
    return those.flatMap(each => [...each]).filter(([id]) => covers(prefix, Buffer.from(id, 'hex')))
  }
}
