/**
 * Instances behind translators (NAT) that the controller's host carries packets to, because others cannot reach them. They are
 * registered at the controller's own address. The controller's table leads to where it sees each of their hosts.
 */
import type { Host } from '../host/host.ts'
import { type ServicePrefix, servicePrefixOf } from '../host/services/serviceId.ts'
import { parseAddress } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import { type InstanceRecord, keyOf } from './records.ts'

interface Place {
  /** The source address of its packets now. */
  readonly address: string
}

interface Carried<Peer> {
  readonly peer: Peer
  readonly prefix: ServicePrefix
  readonly record: InstanceRecord
  at: Address
}

export class CarriedInstances<Peer extends Place> {
  readonly #host: Host
  readonly #byKey = new Map<string, Carried<Peer>>()

  constructor(host: Host) {
    this.#host = host
  }

  /** An instance of the peer is registered at the controller's address. */
  add(record: InstanceRecord, peer: Peer): void {
    this.remove(record)
    const carried = { peer, prefix: servicePrefixOf(record.id), record, at: parseAddress(peer.address) }
    this.#byKey.set(keyOf(record), carried)
    this.#lead(carried)
  }

  remove(record: InstanceRecord): void {
    const carried = this.#byKey.get(keyOf(record))
    if (carried !== undefined) this.#drop(carried)
  }

  /** The controller has lost the peer. */
  left(peer: Peer): void {
    for (const carried of [...this.#byKey.values()]) if (carried.peer === peer) this.#drop(carried)
  }

  /** Peers may have moved. */
  follow(): void {
    for (const carried of this.#byKey.values()) {
      const at = parseAddress(carried.peer.address)
      if (at === carried.at) continue
      this.#forget(carried)
      carried.at = at
      this.#lead(carried)
    }
  }

  #drop(carried: Carried<Peer>): void {
    this.#byKey.delete(keyOf(carried.record))
    this.#forget(carried)
  }

  #lead({ prefix, at, record: { priority, weight } }: Carried<Peer>): void {
    this.#host.services.add(prefix, { kind: 'forward', address: at }, priority, weight)
  }

  /** Another instance of the host may be registered under the same name. */
  #forget({ prefix, at, record: { id } }: Carried<Peer>): void {
    this.#host.services.remove(prefix, { kind: 'forward', address: at })
    for (const other of this.#byKey.values()) if (other.record.id === id && other.at === at) this.#lead(other)
  }
}
