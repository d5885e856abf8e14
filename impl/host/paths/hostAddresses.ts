/** A host's own addresses, and the broadcast addresses at which it receives. */
import { ipOf, NO_ADDRESS } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { bestAddress } from './mobility.ts'

/** Next hops and peers whose best local address is cached. When full, the cache starts over. */
const MOST_REMEMBERED = 4096

export class HostAddresses {
  #own: readonly Address[] = []
  #broadcasts: readonly Address[] = []
  /** Where retransmissions of moves go as well; 0 for none. Packets that it relays are accepted. */
  rendezvous: Address = NO_ADDRESS
  /** The relay that this host accepts; 0 for none. It is trusted to say where it sees the peer of a flow. */
  relay: Address = NO_ADDRESS
  readonly #towards = new Map<Address, Address>()

  /** Best first. */
  get own(): readonly Address[] {
    return this.#own
  }

  set own(addresses: readonly Address[]) {
    this.#own = [...addresses]
    this.#towards.clear()
  }

  get broadcasts(): readonly Address[] {
    return this.#broadcasts
  }

  set broadcasts(addresses: readonly Address[]) {
    this.#broadcasts = [...addresses]
  }

  isOwn(address: Address): boolean {
    return this.#own.includes(address)
  }

  /** Returns 1 if the host has this address, else 0: the machine's word for it. */
  here(address: Address): number {
    return this.isOwn(address) ? 1 : 0
  }

  isBroadcast(address: Address): boolean {
    return this.#broadcasts.length > 0 && this.#broadcasts.includes(address)
  }

  /** True if one of its own addresses has this IPv4 address. */
  hasIp(ip: number): boolean {
    for (const address of this.#own) if (ipOf(address) === ip) return true
    return false
  }

  /** True if this IPv4 address is one of its broadcast addresses. */
  broadcastsTo(ip: number): boolean {
    for (const address of this.#broadcasts) if (ipOf(address) === ip) return true
    return false
  }

  /** Returns the best own address from which to reach `to`, or 0. */
  towards(to: Address): Address {
    const known = this.#towards.get(to)
    if (known !== undefined) return known
    if (this.#towards.size >= MOST_REMEMBERED) this.#towards.clear()
    const best = bestAddress(this.#own, to)
    this.#towards.set(to, best)
    return best
  }
}
