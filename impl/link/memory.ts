/**
 * A network inside the process, in virtual time. It reads no clock and draws no random numbers: the same calls in the
 * same order give the same run. It loses only datagrams to addresses without a host; faults are middleware.
 */
import { must } from '../../checker/text/at.ts'
import { type Address, hold, isIPv4, NO_ADDRESS, portOf, printAddress, release } from './address.ts'
import { Agenda } from './agenda.ts'
import { type Counters, newCounters } from './counters.ts'
import { LinkError } from './errors.ts'
import type { Clock, Datagram, Link } from './link.ts'
import { DEFAULT_MTU } from './link.ts'

/** The options of a network. */
export interface NetworkOptions {
  /** Bytes. */
  readonly mtu?: number
  /** Returns the latency from one address to another when a datagram is sent: at least `MIN_LATENCY_MS`. Default 1 ms. */
  readonly latencyMs?: (from: Address, to: Address) => number
}

/** Time must pass between cause and effect. Otherwise two hosts that answer each other would stop it forever. */
export const MIN_LATENCY_MS = 0.001

const DEFAULT_LATENCY_MS = 1

/** A network inside the process, in virtual time. It is the clock of its hosts. */
export class Network implements Clock {
  readonly mtu: number
  readonly #latencyMs: (from: Address, to: Address) => number
  readonly #agenda = new Agenda()
  readonly #links = new Map<Address, MemoryLink>()
  readonly #broadcasts = new Map<Address, Set<MemoryLink>>()
  #now = 0
  /** Datagrams that arrived at an address without a host. */
  lost = 0

  constructor({ mtu = DEFAULT_MTU, latencyMs = () => DEFAULT_LATENCY_MS }: NetworkOptions = {}) {
    this.mtu = mtu
    this.#latencyMs = latencyMs
  }

  get now(): number {
    return this.#now
  }

  /** The time of the next event; Infinity if there is none. */
  nextEvent(): number {
    return this.#agenda.nextMs
  }

  /** Runs everything up to and including this time, in order, and sets the clock to it. */
  advance(toMs: number): void {
    while (this.#agenda.nextMs <= toMs) {
      this.#now = this.#agenda.nextMs
      must(this.#agenda.take())()
    }
    this.#now = Math.max(this.#now, toMs)
  }

  /** A time in the past means now. */
  at(timeMs: number, run: () => void): void {
    this.#agenda.put(Math.max(timeMs, this.#now), run)
  }

  /** Adds a host. Throws as `add` does. */
  attach(addresses: readonly Address[]): MemoryLink {
    const link = new MemoryLink(this)
    for (const address of addresses) link.add(address)
    return link
  }

  linkAt(address: Address): MemoryLink | undefined {
    return this.#links.get(address)
  }

  /** Called by links. */
  place(address: Address, link: MemoryLink): void {
    if (this.#links.has(address))
      throw new LinkError('LINK_IN_USE', `${printAddress(address)} is in use; attach another address or port`)
    hold(address)
    this.#links.set(address, link)
  }

  /** Called by links. */
  unplace(address: Address): void {
    if (this.#links.delete(address)) release(address)
  }

  /** Called by links. */
  hear(address: Address, link: MemoryLink): void {
    const heard = this.#broadcasts.get(address)
    if (heard === undefined) this.#broadcasts.set(address, new Set([link]))
    else heard.add(link)
  }

  /** Called by links. */
  unhear(link: MemoryLink): void {
    for (const heard of this.#broadcasts.values()) heard.delete(link)
  }

  /** Called by links. Datagrams sent together with equal latency arrive together. */
  carry(batch: readonly Datagram[]): void {
    const groups = new Map<number, Datagram[]>()
    for (const datagram of batch) {
      const latencyMs = Math.max(this.#latencyMs(datagram.from, datagram.to), MIN_LATENCY_MS)
      const group = groups.get(latencyMs)
      if (group === undefined) groups.set(latencyMs, [datagram])
      else group.push(datagram)
    }
    for (const [latencyMs, group] of groups) this.at(this.#now + latencyMs, () => this.#arrive(group))
  }

  #arrive(batch: readonly Datagram[]): void {
    for (let i = 0; i < batch.length; ) {
      const link = this.#links.get((batch[i] as Datagram).to)
      let end = i + 1
      while (end < batch.length && (batch[end] as Datagram).to === (batch[i] as Datagram).to) end++
      const heard = this.#broadcasts.get((batch[i] as Datagram).to)
      if (heard !== undefined) broadcast(heard, batch.slice(i, end))
      else if (link === undefined) this.lost += end - i
      else link.deliver(i === 0 && end === batch.length ? batch : batch.slice(i, end))
      i = end
    }
  }
}

/** Gives each host a copy of its own. The sender hears it too, as on Linux. */
function broadcast(heard: ReadonlySet<MemoryLink>, batch: readonly Datagram[]): void {
  for (const link of heard)
    link.deliver(batch.map(({ from, to, bytes }) => ({ from, to, bytes: new Uint8Array(bytes) })))
}

/** One host's link to the network. */
export class MemoryLink implements Link {
  readonly mtu: number
  readonly counters: Counters = newCounters()
  readonly #network: Network
  readonly #addresses: Address[] = []
  #listener: ((batch: readonly Datagram[]) => void) | undefined
  #changed: ((addresses: readonly Address[]) => void) | undefined
  #isClosed = false

  constructor(network: Network) {
    this.#network = network
    this.mtu = network.mtu
  }

  addresses(): readonly Address[] {
    return [...this.#addresses]
  }

  /** Adds an address, last in preference. Throws LINK_IN_USE, LINK_NO_ADDRESS, LINK_CLOSED. */
  add(address: Address): void {
    if (this.#isClosed)
      throw new LinkError('LINK_CLOSED', 'the link is closed; attach another to the network')
    if (address === NO_ADDRESS || portOf(address) === 0)
      throw new LinkError(
        'LINK_NO_ADDRESS',
        `${printAddress(address)} has no port; give an address and a port`,
      )
    this.#network.place(address, this)
    this.#addresses.push(address)
    this.#changed?.(this.addresses())
  }

  /** Also receives datagrams sent to this broadcast address. */
  hear(broadcast: Address): void {
    this.#network.hear(broadcast, this)
  }

  /** Datagrams on their way there are lost. Does nothing if the link lacks the address. */
  remove(address: Address): void {
    const place = this.#addresses.indexOf(address)
    if (place < 0) return
    this.#addresses.splice(place, 1)
    this.#network.unplace(address)
    this.#changed?.(this.addresses())
  }

  send(batch: readonly Datagram[]): boolean {
    this.#network.carry(batch.filter(datagram => this.#leaves(datagram)))
    return false
  }

  #leaves({ from, to, bytes }: Datagram): boolean {
    const { counters } = this
    if (this.#isClosed) counters.closed++
    else if (bytes.length > this.mtu) counters.tooLong++
    else if (!this.#addresses.includes(from)) counters.notLocal++
    else if (portOf(to) === 0 || isIPv4(from) !== isIPv4(to)) counters.noWay++
    else {
      counters.sent++
      counters.sentBytes += bytes.length
      return true
    }
    return false
  }

  receive(listener: (batch: readonly Datagram[]) => void): void {
    this.#listener = listener
  }

  changed(listener: (addresses: readonly Address[]) => void): void {
    this.#changed = listener
  }

  /** Called by the network. */
  deliver(batch: readonly Datagram[]): void {
    const { counters } = this
    counters.received += batch.length
    for (const { bytes } of batch) counters.receivedBytes += bytes.length
    if (this.#listener === undefined) counters.unheard += batch.length
    else this.#listener(batch)
  }

  close(): Promise<void> {
    this.#isClosed = true
    for (const address of this.#addresses) this.#network.unplace(address)
    this.#network.unhear(this)
    this.#addresses.length = 0
    return Promise.resolve()
  }
}
