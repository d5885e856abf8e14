/**
 * How hosts find services by name. Behind routers in a row: the first is every host's default, each sends what it does
 * not know to the next, and the last has a rule for each host that offers something, as if a controller told it at once.
 * Without routers: every host asks all who hear.
 */

import { must } from '../../checker/text/at.ts'
import { Announcer } from '../../impl/host/rendezvous/announcer.ts'
import { Rendezvous } from '../../impl/host/rendezvous/rendezvous.ts'
import {
  covers,
  EVERY_SERVICE,
  listenedPrefixOf,
  printPrefix,
  SERVICE_BYTES,
  type ServicePrefix,
  serviceIdOf,
  servicePrefixOf,
} from '../../impl/host/services/serviceId.ts'
import { DEFAULT_PRIORITY } from '../../impl/host/services/serviceTable.ts'
import { fromIPv4, SERVER_PORT } from '../../impl/link/address.ts'
import type { Address } from '../../impl/link/link.ts'
import { isNamed, type Plan } from './plan.ts'
import { addressOf, type Station } from './station.ts'

/** 10.255.255.255, where all hosts hear what is asked of all. */
export const BROADCAST: Address = fromIPv4((10 << 24) + 0xff_ffff, SERVER_PORT)

/** Several instances share all below this name. */
const SHARED = 'simulated/shared'
const EVERYTHING = servicePrefixOf(EVERY_SERVICE)
/** Of an instance, and of the last of several: a reserve, for when all others are gone or drain. */
const PRIORITY = 3
const RESERVE_PRIORITY = 2
/** From so many instances on. */
const LEAST_WITH_RESERVE = 3

/** The instance that the last router has a rule for. */
interface Offer {
  readonly address: Address
  readonly priority: number
  readonly weight: number
}

export class Plane {
  readonly isNamed: boolean
  readonly #plan: Plan
  readonly #routers: readonly Station[]
  readonly #hosts: readonly Station[]
  /** By host, what the last router was told last. */
  readonly #offers = new Map<number, Offer>()
  readonly #weights = new Map<number, number>()
  /** The services that each host listens on. */
  readonly #prefixes = new Map<number, ServicePrefix>()
  /** Hosts by that, in hexadecimal digits. */
  readonly #providers = new Map<string, number[]>()

  constructor(plan: Plan, stations: readonly Station[]) {
    this.#plan = plan
    this.isNamed = isNamed(plan)
    this.#routers = stations.filter(({ isRouter }) => isRouter)
    this.#hosts = stations.filter(({ isRouter }) => !isRouter)
    for (const { index } of this.#hosts) {
      const prefix = listenedPrefixOf(this.#isShared(index) ? `${SHARED}/*` : `simulated/host-${index}`)
      const id = printPrefix(prefix)
      this.#prefixes.set(index, prefix)
      this.#providers.set(id, [...(this.#providers.get(id) ?? []), index])
    }
  }

  /** What a host listens at: a service of its own; those that share one, all below its name. */
  prefixOf(host: number): ServicePrefix {
    return must(this.#prefixes.get(host))
  }

  /** What the client of a flow asks for: of a service that is shared each for another one below it. */
  serviceOf(host: number, flow: number): Uint8Array {
    return this.#isShared(host) ? serviceIdOf(`${SHARED}/flow-${flow}`) : this.prefixOf(host).id
  }

  #isShared(host: number): boolean {
    const { instances = 1 } = this.#plan
    return host < instances && instances > 1
  }

  /** Whether both offer the same service. */
  areAlike(host: number, other: number): boolean {
    const { instances = 1 } = this.#plan
    return host === other || (host < instances && other < instances)
  }

  get rendezvous(): Rendezvous | undefined {
    return this.#routers.at(-1)?.rendezvous
  }

  /** Returns the rules of a host or router that has just started. */
  equip(station: Station, now: number): void {
    if (!this.isNamed) return
    const first = this.#routers[0]
    if (station.isRouter) this.#equipRouter(station)
    else if (first === undefined) this.#ask(station, BROADCAST)
    else {
      this.#ask(station, addressOf(first.index, 0))
      const meeting = addressOf(must(this.#routers.at(-1)).index, 0)
      station.announcer = new Announcer(must(station.host), meeting, station.random)
      station.announcer.follow(now)
    }
  }

  /** From now on the host has this share of new flows. */
  weigh(host: number, weight: number): void {
    this.#weights.set(host, weight)
  }

  /** Gives the last router the current rules. It does not know that a host has crashed. */
  follow(): void {
    if (this.#routers.length === 0) return
    for (const { index, host, listener, link } of this.#hosts) {
      const own = link.addresses()
      const known = this.#offers.get(index)
      if (host === undefined && known !== undefined && own.includes(known.address)) continue
      this.#tell(index, listener?.isOpen && own.length > 0 ? this.#offerOf(index, must(own[0])) : undefined)
    }
  }

  /** Whether the last router would send someone on who asks for the service that this host offers. */
  isOffered(host: number): boolean {
    return this.#chosen(this.prefixOf(host)).length > 0
  }

  /** Whether any host that offers the same has an address to answer from. */
  canAnswer(host: number): boolean {
    return this.#hosts.some(({ index, link }) => this.areAlike(index, host) && link.addresses().length > 0)
  }

  /** Whether a router may send a first packet for the service that `bytes` has at `at` on to `next` (43). */
  mayLead(router: Station, bytes: Uint8Array, at: number, next: Address): boolean {
    const place = this.#routers.indexOf(router)
    const upward = must(this.#routers[(place + 1) % this.#routers.length])
    if (place < this.#routers.length - 1) return next === addressOf(upward.index, 0)
    const service = bytes.subarray(at, at + SERVICE_BYTES)
    const prefix = [...this.#prefixes.values()].find(each => covers(each, service))
    const chosen = prefix === undefined ? [] : this.#chosen(prefix)
    if (chosen.length === 0) return next === addressOf(upward.index, 0)
    return chosen.some(({ address }) => address === next)
  }

  /** Returns the instances of the highest priority that do not drain. */
  #chosen(prefix: ServicePrefix): Offer[] {
    const offers = (this.#providers.get(printPrefix(prefix)) ?? []).flatMap(
      index => this.#offers.get(index) ?? [],
    )
    const open = offers.filter(({ weight }) => weight > 0)
    const highest = Math.max(...open.map(({ priority }) => priority))
    return open.filter(({ priority }) => priority === highest)
  }

  #ask(station: Station, address: Address): void {
    const { services, places } = must(station.host)
    services.add(EVERYTHING, { kind: 'forward', address }, DEFAULT_PRIORITY, 1)
    if (address !== BROADCAST) return
    if ('hear' in station.link) station.link.hear(BROADCAST)
    places.broadcasts = [BROADCAST]
  }

  /** The last one sends what nobody offers to the first, by mistake: it must not go round. */
  #equipRouter(station: Station): void {
    const place = this.#routers.indexOf(station)
    const next = must(this.#routers[(place + 1) % this.#routers.length])
    const { services } = must(station.host)
    if (next !== station)
      services.add(EVERYTHING, { kind: 'forward', address: addressOf(next.index, 0) }, DEFAULT_PRIORITY, 1)
    if (place < this.#routers.length - 1) return
    for (const [index, offer] of this.#offers) this.#add(index, offer)
    station.rendezvous = new Rendezvous(must(station.host), station.random)
  }

  #offerOf(index: number, address: Address): Offer {
    const { instances = 1 } = this.#plan
    const isReserve = instances >= LEAST_WITH_RESERVE && index === instances - 1
    const weight = this.#weights.get(index) ?? 1
    return { address, weight, priority: isReserve ? RESERVE_PRIORITY : PRIORITY }
  }

  #tell(index: number, offer: Offer | undefined): void {
    const known = this.#offers.get(index)
    if (known?.address === offer?.address && known?.weight === offer?.weight) return
    if (offer === undefined) this.#offers.delete(index)
    else this.#offers.set(index, offer)
    if (known !== undefined) this.#remove(index, known)
    // An address that one has lost another may have now.
    for (const [other, offered] of this.#offers) this.#add(other, offered)
  }

  #add(index: number, { address, priority, weight }: Offer): void {
    const target = { kind: 'forward', address } as const
    this.#table()?.add(this.prefixOf(index), target, priority, weight, { isPlain: true })
  }

  #remove(index: number, { address }: Offer): void {
    this.#table()?.remove(this.prefixOf(index), { kind: 'forward', address })
  }

  #table() {
    return must(this.#routers.at(-1)).host?.services
  }
}
