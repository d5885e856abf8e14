/**
 * Instances behind translators (NAT) that the controller's host carries packets to, because others cannot reach them. They are
 * registered at the controller's own address. The controller's table leads to where it sees each of their hosts, as long as the
 * instance gets new flows.
 */
import type { Host } from '../host/host.ts'
import { servicePrefixOf } from '../host/services/serviceId.ts'
import { parseAddress } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import type { Ledger } from './ledger.ts'
import { saidOf } from './policy.ts'
import { type InstanceRecord, keyOf } from './records.ts'

interface Place {
  /** The source address of its packets now. */
  readonly address: string
}

interface Carried<Peer> {
  readonly id: string
  readonly peer: Peer
  at: Address
}

export class CarriedInstances<Peer extends Place> {
  readonly #host: Pick<Host, 'services'>
  readonly #ledger: Pick<Ledger<Peer>, 'registrations' | 'standing'>
  /** By service, then by key. */
  readonly #byId = new Map<string, Map<string, Carried<Peer>>>()

  constructor(host: Pick<Host, 'services'>, ledger: Pick<Ledger<Peer>, 'registrations' | 'standing'>) {
    this.#host = host
    this.#ledger = ledger
  }

  /** An instance of the peer is registered at the controller's address. */
  add(record: InstanceRecord, peer: Peer): void {
    this.remove(record)
    const { id } = record
    const carried = { id, peer, at: parseAddress(peer.address) }
    const those = this.#byId.get(id) ?? new Map<string, Carried<Peer>>()
    this.#byId.set(id, those.set(keyOf(record), carried))
    this.#lead(id, carried.at)
  }

  remove(record: InstanceRecord): void {
    this.#drop(record.id, keyOf(record))
  }

  /** The controller has lost the peer. */
  left(peer: Peer): void {
    for (const [id, those] of [...this.#byId])
      for (const [key, carried] of [...those]) if (carried.peer === peer) this.#drop(id, key)
  }

  /** Peers may have moved. */
  follow(): void {
    for (const those of this.#byId.values())
      for (const carried of those.values()) {
        const { id, peer, at } = carried
        carried.at = parseAddress(peer.address)
        if (carried.at === at) continue
        this.#lead(id, at)
        this.#lead(id, carried.at)
      }
  }

  /** The share of new flows of the service's instances may have changed, or they get none any more. */
  changed(id: string): void {
    for (const { at } of this.#byId.get(id)?.values() ?? []) this.#lead(id, at)
  }

  #drop(id: string, key: string): void {
    const those = this.#byId.get(id)
    const carried = those?.get(key)
    if (those === undefined || carried === undefined) return
    those.delete(key)
    if (those.size === 0) this.#byId.delete(id)
    this.#lead(id, carried.at)
  }

  /** Leads to a host, which may have several instances of the service, unless none of them gets new flows. */
  #lead(id: string, address: Address): void {
    const shares = [...(this.#byId.get(id) ?? [])].flatMap(([key, { at }]) =>
      at === address ? (this.#shareOf(key) ?? []) : [],
    )
    const [prefix, target] = [servicePrefixOf(id), { kind: 'forward', address } as const]
    const { services } = this.#host
    if (shares.length === 0) services.remove(prefix, target)
    else
      services.add(
        prefix,
        target,
        Math.max(...shares.map(({ priority }) => priority)),
        Math.max(...shares.map(({ weight }) => weight)),
      )
  }

  /** Returns undefined for an instance that has ended, is evicted, or is not vouched for. */
  #shareOf(key: string): { readonly priority: number; readonly weight: number } | undefined {
    const { registrations, standing } = this.#ledger
    const { record, isUnvouched } = registrations.known.get(key) ?? {}
    return record?.state === 'bound' && !isUnvouched ? saidOf(record, standing) : undefined
  }
}
