/**
 * Numbers for IPv6 addresses, from a table of fixed size. When the table is full, a new address evicts one that nobody
 * holds and that was not used lately. The table gives an evicted number to no other address before it has reused the
 * place two million times, so a number that somebody still keeps leads nowhere, and never to a stranger.
 */
import { NOWHERE, Rings } from './rings.ts'

/** Addresses in the table. A flood of forged sources takes no more memory than this: some 20 MB. */
export const MAX_HOSTS = 65536

/**
 * Addresses of one /64, held or not: one party can send from all of them. Half, because behind a NAT64 all clients
 * share one.
 */
export const MAX_OF_NETWORK = MAX_HOSTS / 2

/** Numbers stay below this, so that with a port and the offset above IPv4 they are exact in a double. */
const MAX_GENERATIONS = 31 * 65536

/** Bytes of an IPv6 address that name its network. */
const NETWORK_BYTES = 8

/** Returns a name for the /64 of an IPv6 address. */
export const networkOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, NETWORK_BYTES).toString('hex')

/** A /64 with addresses in the table. */
interface Network {
  readonly name: string
  /** How many addresses it has there. */
  size: number
  /** Its address that may go first. */
  first: number
}

export class Hosts {
  readonly #capacity: number
  readonly #share: number
  readonly #slots = new Map<string, number>()
  readonly #texts: string[] = []
  readonly #bytes: Uint8Array[] = []
  readonly #holds: number[] = []
  readonly #generations: number[] = []
  readonly #touched: Uint8Array
  readonly #networks = new Map<string, Network>()
  readonly #networkAt: Network[] = []
  /** Addresses that nobody holds: all of them in one ring, and those of each network in another. */
  readonly #all: Rings
  readonly #ofNetwork: Rings
  #first = NOWHERE

  /** `share`: how many addresses one /64 gets. */
  constructor(capacity = MAX_HOSTS, share = MAX_OF_NETWORK) {
    this.#capacity = capacity
    this.#share = share
    this.#touched = new Uint8Array(capacity)
    this.#all = new Rings(capacity)
    this.#ofNetwork = new Rings(capacity)
  }

  get size(): number {
    return this.#slots.size
  }

  /** Returns the number of the host with this canonical text; -1 if the table does not have it. */
  find(text: string): number {
    const slot = this.#slots.get(text)
    if (slot === undefined) return -1
    this.#touched[slot] = 1
    return this.#numberOf(slot)
  }

  /** Adds a host. Returns its number; -1 if somebody holds all that it could evict. */
  add(text: string, bytes: Uint8Array): number {
    const found = this.find(text)
    if (found >= 0) return found
    const name = networkOf(bytes)
    const slot = this.#makeRoom(this.#networks.get(name))
    if (slot < 0) return -1
    this.#generations[slot] = ((this.#generations[slot] ?? -1) + 1) % MAX_GENERATIONS
    this.#slots.set(text, slot)
    this.#texts[slot] = text
    this.#bytes[slot] = bytes
    this.#holds[slot] = 0
    // Not touched: an address that is seen once only goes first.
    this.#touched[slot] = 0
    const network = this.#networks.get(name) ?? { name, size: 0, first: NOWHERE }
    this.#networks.set(name, network)
    this.#networkAt[slot] = network
    network.size++
    this.#letGo(slot)
    return this.#numberOf(slot)
  }

  text(number: number): string | undefined {
    const slot = this.#slotOf(number)
    if (slot < 0) return undefined
    this.#touched[slot] = 1
    return this.#texts[slot]
  }

  bytes(number: number): Uint8Array | undefined {
    const slot = this.#slotOf(number)
    return slot < 0 ? undefined : this.#bytes[slot]
  }

  /** With 1, keeps a host in the table until the same call with -1. False: the table does not have it any more. */
  hold(number: number, by: 1 | -1): boolean {
    const slot = this.#slotOf(number)
    if (slot < 0) return false
    const before = this.#holds[slot] as number
    const holds = Math.max(0, before + by)
    this.#holds[slot] = holds
    if (before === 0 && holds > 0) this.#keep(slot)
    else if (before > 0 && holds === 0) this.#letGo(slot)
    return true
  }

  #numberOf(slot: number): number {
    return (this.#generations[slot] as number) * this.#capacity + slot
  }

  #slotOf(number: number): number {
    const slot = number % this.#capacity
    return slot < this.#texts.length && this.#numberOf(slot) === number ? slot : -1
  }

  /** Nobody holds it any more: it may go, after all that may go already. */
  #letGo(slot: number): void {
    const network = this.#networkAt[slot] as Network
    this.#first = this.#all.append(this.#first, slot)
    network.first = this.#ofNetwork.append(network.first, slot)
  }

  #keep(slot: number): void {
    const network = this.#networkAt[slot] as Network
    this.#first = this.#all.remove(this.#first, slot)
    network.first = this.#ofNetwork.remove(network.first, slot)
  }

  /** Returns a free slot for an address of this network, which is undefined if the table has none of it; -1 if none is. */
  #makeRoom(network: Network | undefined): number {
    if (network !== undefined && network.size >= this.#share) {
      network.first = this.#unused(this.#ofNetwork, network.first)
      return this.#evict(network.first)
    }
    if (this.#texts.length < this.#capacity) return this.#texts.length
    this.#first = this.#unused(this.#all, this.#first)
    return this.#evict(this.#first)
  }

  /** Returns the first place of a ring that was not used since its last turn; those before it go to the ring's end. */
  #unused(ring: Rings, first: number): number {
    let place = first
    while (place !== NOWHERE && this.#touched[place] === 1) {
      this.#touched[place] = 0
      place = ring.after(place)
    }
    return place
  }

  #evict(slot: number): number {
    if (slot === NOWHERE) return -1
    const network = this.#networkAt[slot] as Network
    this.#keep(slot)
    this.#slots.delete(this.#texts[slot] as string)
    network.size--
    if (network.size === 0) this.#networks.delete(network.name)
    return slot
  }
}
