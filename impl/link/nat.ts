/**
 * Network address translators (NAT, RFC 4787) in front of one host's memory link, in virtual time. The host has private
 * addresses, the network sees the translators' ports. They draw no random number: the same calls give the same run.
 */
import { type Address, withPort } from './address.ts'
import type { Clock, Datagram, Link } from './link.ts'
import type { MemoryLink } from './memory.ts'

/** On what a mapping, or what a mapping lets in, depends beside the private address. */
export type Dependence = 'none' | 'address' | 'address and port'

export interface NatOptions {
  /** A datagram to another destination that counts gets another port. Default `none`. */
  readonly mapping?: Dependence
  /** Only a destination that counts may answer. Default `address and port`. */
  readonly filtering?: Dependence
  /** How long a mapping lives without a datagram from inside, ms. Default: forever. */
  readonly lifetimeMs?: number
  /** How many mappings there may be at once. Without room it drops. Default 1024. */
  readonly most?: number
}

interface Mapping {
  readonly inside: Address
  readonly outside: Address
  /** The destinations that may answer, as far as they count. */
  readonly open: Set<Address>
  usedMs: number
}

/** Ports are counted from here. */
const FIRST_PORT = 1024

/** Returns the part of an address that counts. */
const partOf = (address: Address, dependence: Dependence): Address =>
  dependence === 'none' ? 0 : dependence === 'address' ? withPort(address, 0) : address

export class Nat implements Link {
  readonly mtu: number
  readonly #link: MemoryLink
  readonly #outside: ReadonlyMap<Address, Address>
  /** The private addresses that the host has now. */
  readonly #inside: Address[]
  readonly #options: Required<NatOptions>
  #most: number
  #changed: ((addresses: readonly Address[]) => void) | undefined
  readonly #clock: Clock
  readonly #byKey = new Map<string, Mapping>()
  readonly #byPort = new Map<Address, Mapping>()
  #next = FIRST_PORT
  #listener: ((batch: readonly Datagram[]) => void) | undefined
  #isClosed = false
  /** Datagrams from outside that no mapping let in, and from inside that got none. */
  blocked = 0

  /**
   * `link` is the host's place in the network, without addresses of its own. `outside` has for each private address the
   * address of its translator, whose port is ignored.
   */
  constructor(link: MemoryLink, outside: ReadonlyMap<Address, Address>, options: NatOptions, clock: Clock) {
    this.mtu = link.mtu
    this.#link = link
    this.#outside = outside
    this.#options = {
      mapping: 'none',
      filtering: 'address and port',
      lifetimeMs: Number.POSITIVE_INFINITY,
      most: 1024,
      ...options,
    }
    this.#inside = [...outside.keys()]
    this.#most = this.#options.most
    this.#clock = clock
    link.receive(batch => this.#enter(batch))
  }

  /** True if it makes no mapping at all. */
  get isFull(): boolean {
    return this.#most === 0
  }

  get filtering(): Dependence {
    return this.#options.filtering
  }

  addresses(): readonly Address[] {
    return this.#isClosed ? [] : [...this.#inside]
  }

  /** The host has one of its private addresses again, last in preference. */
  add(address: Address): void {
    if (!this.#outside.has(address) || this.#inside.includes(address)) return
    this.#inside.push(address)
    this.#changed?.(this.addresses())
  }

  /** The host loses one of its private addresses. The translator keeps its mappings. */
  remove(address: Address): void {
    const place = this.#inside.indexOf(address)
    if (place < 0) return
    this.#inside.splice(place, 1)
    this.#changed?.(this.addresses())
  }

  /** From now on it makes a mapping only while it has fewer than `most`. */
  limit(most: number): void {
    this.#most = most
  }

  /** Forgets all mappings: the next datagram of each flow leaves from another port. */
  rebind(): void {
    for (const mapping of [...this.#byKey]) this.#forget(...mapping)
  }

  send(batch: readonly Datagram[]): boolean {
    this.#link.send(batch.flatMap(datagram => this.#translated(datagram)))
    return false
  }

  receive(listener: (batch: readonly Datagram[]) => void): void {
    this.#listener = listener
  }

  changed(listener: (addresses: readonly Address[]) => void): void {
    this.#changed = listener
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#byKey.clear()
    this.#byPort.clear()
    return this.#link.close()
  }

  #translated({ from, to, bytes }: Datagram): Datagram[] {
    const own = this.#outside.get(from)
    if (this.#isClosed || own === undefined || !this.#inside.includes(from)) {
      this.#link.counters[this.#isClosed ? 'closed' : 'notLocal']++
      return []
    }
    const key = `${from} ${partOf(to, this.#options.mapping)}`
    const mapping = this.#current(key) ?? this.#open(key, from, own)
    if (mapping === undefined) return []
    mapping.usedMs = this.#clock.now
    mapping.open.add(partOf(to, this.#options.filtering))
    return [{ from: mapping.outside, to, bytes }]
  }

  #current(key: string): Mapping | undefined {
    const mapping = this.#byKey.get(key)
    if (mapping === undefined || this.#isAlive(mapping)) return mapping
    this.#forget(key, mapping)
    return undefined
  }

  #isAlive({ usedMs }: Mapping): boolean {
    return this.#clock.now - usedMs < this.#options.lifetimeMs
  }

  #open(key: string, inside: Address, own: Address): Mapping | undefined {
    if (this.#byKey.size >= this.#most)
      for (const [old, mapping] of this.#byKey) if (!this.#isAlive(mapping)) this.#forget(old, mapping)
    if (this.#byKey.size >= this.#most) {
      this.blocked++
      return undefined
    }
    const outside = withPort(own, this.#next++)
    if (this.#next > 65535) this.#next = FIRST_PORT
    this.#link.add(outside)
    const mapping = { inside, outside, open: new Set<Address>(), usedMs: this.#clock.now }
    this.#byKey.set(key, mapping)
    this.#byPort.set(outside, mapping)
    return mapping
  }

  #forget(key: string, { outside }: Mapping): void {
    this.#byKey.delete(key)
    this.#byPort.delete(outside)
    this.#link.remove(outside)
  }

  #enter(batch: readonly Datagram[]): void {
    const entering = batch.flatMap(({ from, to, bytes }) => {
      const mapping = this.#byPort.get(to)
      const mayEnter =
        mapping !== undefined &&
        this.#isAlive(mapping) &&
        mapping.open.has(partOf(from, this.#options.filtering)) &&
        this.#inside.includes(mapping.inside)
      if (!mayEnter) this.blocked++
      return mayEnter ? [{ from, to: mapping.inside, bytes }] : []
    })
    if (entering.length > 0) this.#listener?.(entering)
  }
}
