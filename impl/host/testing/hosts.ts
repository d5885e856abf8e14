/** For tests: hosts on a network in virtual time. Everything due happens in order, without waiting. */
import { parseAddress } from '../../link/address.ts'
import type { Datagram, Link } from '../../link/link.ts'
import { type MemoryLink, Network } from '../../link/memory.ts'
import { Nat, type NatOptions } from '../../link/nat.ts'
import { Host } from '../host.ts'
import type { HostOptions } from '../hostOptions.ts'
import type { Limits } from '../limits.ts'
import { seededRandom } from '../random/random.ts'

/** A host and its link. */
export interface Station<L extends Link = MemoryLink> {
  readonly host: Host
  readonly link: L
}

/** Hosts on one network in virtual time. */
export class Hosts {
  readonly network: Network
  readonly stations: Station<Link>[] = []
  /** Called with each outgoing packet; false drops it. */
  pass: (datagram: Datagram, from: Station<Link>) => boolean = () => true
  #seed: number

  /** `latencyMs` may draw one for each packet, so that some overtake others. */
  constructor(seed = 1, latencyMs: number | (() => number) = 10) {
    this.#seed = seed
    this.network = new Network({ latencyMs: typeof latencyMs === 'number' ? () => latencyMs : latencyMs })
  }

  get now(): number {
    return this.network.now
  }

  /** Adds a host with these addresses, such as `10.0.0.1`. */
  add(addresses: readonly string[], limits: Partial<Limits> = {}, forwards = false): Station {
    return this.#station(this.network.attach(addresses.map(text => parseAddress(text))), limits, forwards)
  }

  /** Adds a host behind translators: pairs of its private address and that of the translator. */
  addBehindNat(
    pairs: readonly (readonly [inside: string, outside: string])[],
    options: NatOptions = {},
  ): Station<Nat> {
    const outside = new Map(pairs.map(([one, other]) => [parseAddress(one), parseAddress(other)]))
    return this.#station(new Nat(this.network.attach([]), outside, options, this.network), {}, false)
  }

  #station<L extends Link>(link: L, limits: Partial<Limits>, forwards: boolean): Station<L> {
    const station = this.#host(link, { limits, forwards })
    this.stations.push(station)
    return station
  }

  #host<L extends Link>(link: L, options: Partial<HostOptions>): Station<L> {
    const host = new Host({ random: seededRandom(this.#seed++), packetBytes: link.mtu, ...options })
    host.setAddresses(link.addresses())
    link.receive(batch => host.receive(batch, this.now))
    link.changed(now => host.setAddresses(now))
    return { host, link }
  }

  /** Replaces a station's host by a new one at the same addresses, which knows nothing of its flows. */
  restart<L extends Link>(station: Station<L>, options: Partial<HostOptions> = {}): Station<L> {
    const next = this.#host(station.link, options)
    this.stations[this.stations.indexOf(station)] = next
    return next
  }

  /** Adds a router. */
  addRouter(addresses: readonly string[], limits: Partial<Limits> = {}): Station {
    return this.add(addresses, limits, true)
  }

  /** Adds a relay. */
  addRelay(addresses: readonly string[]): Station {
    const link = this.network.attach(addresses.map(text => parseAddress(text)))
    const station = this.#host(link, { carries: true })
    this.stations.push(station)
    return station
  }

  /** All current hosts receive packets sent to this broadcast address. */
  broadcastAt(address: string): void {
    for (const { host, link } of this.stations) {
      link.hear?.(parseAddress(address))
      host.places.broadcasts = [parseAddress(address)]
    }
  }

  /** Runs until nothing is due before `untilMs`. */
  run(untilMs: number): void {
    for (;;) {
      this.#flush()
      const timers = Math.min(...this.stations.map(({ host }) => host.nextTimeout()))
      const next = Math.min(timers, this.network.nextEvent())
      if (next > untilMs) break
      this.network.advance(Math.max(next, this.now))
      for (const { host } of this.stations) host.poll(this.now)
    }
    this.network.advance(untilMs)
  }

  #flush(): void {
    for (const station of this.stations) {
      const batch = station.host.flush(this.now).filter(datagram => this.pass(datagram, station))
      if (batch.length > 0) station.link.send(batch)
    }
  }
}
