/**
 * Numbers for IPv6 addresses, from a table of fixed size. When the table is full, a new address evicts one that nobody
 * holds and that was not used lately. The table reuses an evicted slot two million times before it repeats a number. A
 * stale number therefore leads nowhere, and never to a stranger.
 */
import { NOWHERE, Rings } from './rings.ts'

/** Addresses in the table. A flood of forged sources takes no more memory than this: some 20 MB. */
export const MAX_HOSTS = 65536

/**
 * The most addresses of one /64, held or not, because one party can send from all of them. Half of the table, because
 * all clients behind a NAT64 share one /64.
 */
export const MAX_OF_NETWORK = MAX_HOSTS / 2

/** Numbers stay below this, so that a double holds them exactly with a port and the offset above IPv4. */
const MAX_GENERATIONS = 31 * 65536

/** Bytes of an IPv6 address that identify its network. */
const NETWORK_BYTES = 8

/** Returns a name for the /64 of an IPv6 address. */
export const networkOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, NETWORK_BYTES).toString('hex')

/** A /64 with addresses in the table. */
interface Network {
  readonly name: string
  /** The number of its addresses in the table. */
  size: number
  /** The first of its addresses in eviction order. */
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
  /** Addresses that nobody holds: all in one ring, and those of each network in another. */
  readonly #all: Rings
  readonly #ofNetwork: Rings
  #first = NOWHERE

  /** `share`: the most addresses of one /64. */
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

  /** Adds a host and returns its number; -1 if every address that it could evict is held. */
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
    // Not marked as used: an address that is seen only once is evicted first.
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

  /** With 1, keeps a host in the table until the same call with -1. Returns false if the table no longer has it. */
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

  /** Nobody holds it any more: it becomes the last in eviction order. */
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

  /** Returns a free slot for an address of this network, or -1. `network` is undefined if the table has no address of it. */
  #makeRoom(network: Network | undefined): number {
    if (network !== undefined && network.size >= this.#share) {
      network.first = this.#unused(this.#ofNetwork, network.first)
      return this.#evict(network.first)
    }
    if (this.#texts.length < this.#capacity) return this.#texts.length
    this.#first = this.#unused(this.#all, this.#first)
    return this.#evict(this.#first)
  }

  /** Returns the first slot of a ring that was not used since its last turn, and moves those before it to the end. */
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
