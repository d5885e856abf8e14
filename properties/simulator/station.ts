/** A place in the network where a host lives: it may crash and come back, and addresses may come and go. */

import type { Listener } from '../../impl/host/flows/listener.ts'
import { Host } from '../../impl/host/host.ts'
import { type RandomSource, randomFraction, seededRandom } from '../../impl/host/random/random.ts'
import type { Announcer } from '../../impl/host/rendezvous/announcer.ts'
import type { Rendezvous } from '../../impl/host/rendezvous/rendezvous.ts'
import { fromIPv4, ipOf, SERVER_PORT } from '../../impl/link/address.ts'
import { type FaultyLink, faults } from '../../impl/link/faults.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import type { MemoryLink, Network } from '../../impl/link/memory.ts'
import type { Plan } from './plan.ts'

/** 10.a.0.h for address a and host h, so that addresses of one number look like one network. */
export const addressOf = (host: number, address: number): Address =>
  fromIPv4((10 << 24) + (address << 16) + host + 1, SERVER_PORT)

/** Returns the host, or router, that had an address at first. */
export const hostAt = (address: Address): number => (ipOf(address) & 0xffff) - 1

/** Returns the number of an address, which is that of its network. */
export const addressNumber = (address: Address): number => (ipOf(address) >>> 16) & 0xff

/** Purposes of chance at one station: far enough apart that no two runs of hosts share a generator. */
const FAULTS = 0
const SECRETS = 1
const LIVES = 1024
const PER_STATION = 2048
const STATIONS = 128

export class Station {
  readonly index: number
  readonly link: MemoryLink
  readonly faulty: FaultyLink
  /** Undefined while it is down. */
  host: Host | undefined
  listener: Listener | undefined
  /** Routers come after all hosts. */
  readonly isRouter: boolean
  /** Of the last router; of hosts behind it. */
  rendezvous: Rendezvous | undefined
  announcer: Announcer | undefined
  /** The number of its starts. */
  lives = 0
  /** Whether the next host has the secret of the last one. */
  keepsSecret = false
  /** Its host's. */
  random: RandomSource
  readonly #seed: number
  readonly #tries: number
  #secret = 0

  constructor(index: number, plan: Plan, network: Network, onPackets: (batch: readonly Datagram[]) => void) {
    this.index = index
    this.isRouter = index >= plan.hosts
    this.#tries = plan.tries
    this.#seed = (plan.seed * STATIONS + index) * PER_STATION
    this.random = this.#random()
    const addresses = Array.from({ length: plan.addresses }, (_, a) => addressOf(index, a))
    this.link = network.attach(addresses)
    const draw = seededRandom(this.#seed + FAULTS)
    this.faulty = faults(this.link, { receive: plan.faults }, () => randomFraction(draw), network)
    this.faulty.receive(onPackets)
    this.faulty.changed(addresses => {
      this.host?.setAddresses(addresses)
      this.announcer?.follow(network.now)
    })
  }

  get name(): string {
    return `${this.isRouter ? 'router' : 'host'} ${this.index}`
  }

  start(keepsSecret: boolean): Host {
    if (!keepsSecret) this.#secret = this.lives
    this.random = this.#random()
    const host = new Host({
      random: this.random,
      forwards: this.isRouter,
      packetBytes: this.link.mtu,
      limits: { tries: this.#tries },
    })
    host.setAddresses(this.link.addresses())
    this.host = host
    this.lives++
    return host
  }

  crash(): void {
    this.host = undefined
    this.listener = undefined
    this.rendezvous = undefined
    this.announcer = undefined
  }

  /** What a host is asked first is its secret, which outlives it where it is kept on disk. */
  #random(): RandomSource {
    const secret = seededRandom(this.#seed + SECRETS + (this.#secret % LIVES))
    const rest = seededRandom(this.#seed + LIVES + (this.lives % LIVES))
    let isFirst = true
    return bytes => {
      if (isFirst) secret(bytes)
      else rest(bytes)
      isFirst = false
    }
  }
}
