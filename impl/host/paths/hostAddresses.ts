/** Where a host is: its own addresses, and the broadcast addresses at which it hears what many are asked. */
import { ipOf, NO_ADDRESS } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { bestAddress } from './mobility.ts'

/** Of next hops and peers, whose best own address is remembered. Full: begun anew. */
const MOST_REMEMBERED = 4096

export class HostAddresses {
  #own: readonly Address[] = []
  #broadcasts: readonly Address[] = []
  /** Where what moves repeat goes as well; 0 for nowhere. What it relays is taken. */
  rendezvous: Address = NO_ADDRESS
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

  isBroadcast(address: Address): boolean {
    return this.#broadcasts.length > 0 && this.#broadcasts.includes(address)
  }

  /** Whether one of its own addresses has this IPv4 address. */
  hasIp(ip: number): boolean {
    for (const address of this.#own) if (ipOf(address) === ip) return true
    return false
  }

  /** Whether this IPv4 address is one of its broadcast addresses. */
  broadcastsTo(ip: number): boolean {
    for (const address of this.#broadcasts) if (ipOf(address) === ip) return true
    return false
  }

  /** The own address from which to reach `to`; 0 when none does. */
  towards(to: Address): Address {
    const known = this.#towards.get(to)
    if (known !== undefined) return known
    if (this.#towards.size >= MOST_REMEMBERED) this.#towards.clear()
    const best = bestAddress(this.#own, to)
    this.#towards.set(to, best)
    return best
  }
}
