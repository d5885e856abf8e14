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
import { Nat } from '../../impl/link/nat.ts'
import { FlowSets } from '../../impl/sockets/flowSets.ts'
import { HostClock } from './hostClock.ts'
import type { Plan, PlanNat } from './plan.ts'
import { Sleep } from './sleep.ts'

/** 10.a.0.h for address a and host h, so that addresses of one number look like one network. */
export const addressOf = (host: number, address: number): Address =>
  fromIPv4((10 << 24) + (address << 16) + host + 1, SERVER_PORT)

/** Returns the host, or router, that had an address at first. */
export const hostAt = (address: Address): number => (ipOf(address) & 0xffff) - 1

/** Returns the address of a host's translator, whose number is this much higher than that of the host's address. */
const OUTSIDE = 64
const outsideOf = (inside: Address): Address => fromIPv4(ipOf(inside) + (OUTSIDE << 16), SERVER_PORT)

/** Returns where a host is at an address: its own address, if a translator shows it elsewhere. */
export const placeOf = (address: Address): Address => {
  const ip = ipOf(address)
  const number = (ip >>> 16) & 0xff
  return number >= OUTSIDE && number < 2 * OUTSIDE ? fromIPv4(ip - (OUTSIDE << 16), SERVER_PORT) : address
}

const behind = ({ host: _, ...options }: PlanNat, addresses: readonly Address[], network: Network): Nat =>
  new Nat(network.attach([]), new Map(addresses.map(inside => [inside, outsideOf(inside)])), options, network)

/** Returns the number of an address, which is that of its network. */
export const addressNumber = (address: Address): number => (ipOf(placeOf(address)) >>> 16) & 0xff

/** The shortest wait of a timer, ms. */
const LEAST_WAIT_MS = 1

/** Purposes of chance at one station: far enough apart that no two runs of hosts share a generator. */
const FAULTS = 0
const SECRETS = 1
const LIVES = 1024
const PER_STATION = 2048
const STATIONS = 128

export class Station {
  readonly index: number
  readonly link: MemoryLink | Nat
  /** Undefined if the host is behind no translator. */
  readonly nat: Nat | undefined
  readonly faulty: FaultyLink
  readonly clock = new HostClock()
  /** Undefined while it is down. */
  host: Host | undefined
  listener: Listener | undefined
  /** Of a host whose connections may have several flows. */
  flowSets: FlowSets | undefined
  /** Calls back when the addresses of the host have changed. */
  onAddresses: () => void = () => {}
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
  readonly #network: Network
  readonly #onPackets: (batch: readonly Datagram[]) => void
  readonly #onChange: () => void
  #sleep: Sleep | undefined
  #stopsClock = false
  /** When its current sleep began, or the first of several without a pause. */
  #absentSinceMs = 0
  /** When it woke from each sleep, by the network's time, and how long that was. */
  readonly #sleeps: { readonly untilMs: number; readonly forMs: number }[] = []
  readonly #seed: number
  readonly #tries: number
  readonly #isShared: boolean
  #isChanging = false
  #secret = 0

  /** `onPath` gets what the link delivers, `onPackets` what reaches the host; `onChange` is called when the host falls asleep or wakes. */
  constructor(
    index: number,
    plan: Plan,
    network: Network,
    onPath: (batch: readonly Datagram[]) => void,
    onPackets: (batch: readonly Datagram[]) => void,
    onChange: () => void,
  ) {
    this.index = index
    this.#network = network
    this.#onPackets = onPackets
    this.#onChange = onChange
    this.isRouter = index >= plan.hosts
    this.#tries = plan.tries
    this.#isShared = plan.flows === true && index < plan.hosts
    this.#seed = (plan.seed * STATIONS + index) * PER_STATION
    this.random = this.#random()
    const addresses = Array.from({ length: plan.addresses }, (_, a) => addressOf(index, a))
    const nat = plan.nats?.find(({ host }) => host === index)
    this.nat = nat && behind(nat, addresses, network)
    this.link = this.nat ?? network.attach(addresses)
    const draw = seededRandom(this.#seed + FAULTS)
    this.faulty = faults(this.link, { receive: plan.faults }, () => randomFraction(draw), network)
    this.faulty.receive(onPath)
    this.faulty.changed(() => {
      if (!this.#isChanging) this.#follow()
    })
  }

  /** Its addresses change, and the host hears of all changes at once. */
  change(change: () => void): void {
    const before = this.link.addresses().length
    this.#isChanging = true
    change()
    this.#isChanging = false
    if (this.link.addresses().length !== before) this.#follow()
  }

  get name(): string {
    return `${this.isRouter ? 'router' : 'host'} ${this.index}`
  }

  /** The time of its host, ms. */
  get time(): number {
    return this.clock.at(this.#network.now)
  }

  get isRunning(): boolean {
    return this.host !== undefined && !this.isAsleep
  }

  get isAsleep(): boolean {
    return this.#sleep !== undefined
  }

  /** When something is due in the host, by the network's time. */
  get dueMs(): number {
    if (this.host === undefined || this.isAsleep) return Number.POSITIVE_INFINITY
    return this.clock.when(this.host.nextTimeout())
  }

  /** When it woke last, by the network's time; -1 if it never slept. */
  get wokeMs(): number {
    return this.#sleeps.at(-1)?.untilMs ?? -1
  }

  /** Returns how long its longest sleep since then was, ms. */
  sleptAt(sinceMs: number): number {
    const current = this.#sleep === undefined ? 0 : this.#network.now - this.#absentSinceMs
    return this.#sleeps.reduce(
      (most, { untilMs, forMs }) => (untilMs < sinceMs ? most : Math.max(most, forMs)),
      current,
    )
  }

  #follow(): void {
    this.whenAwake(() => {
      this.host?.setAddresses(this.link.addresses())
      this.announcer?.follow(this.time)
      this.onAddresses()
    })
  }

  /** Does something in the host: now, or when it wakes. A crash forgets it. */
  whenAwake(act: () => void): void {
    if (this.#sleep === undefined) act()
    else this.#sleep.tasks.push(act)
  }

  /** Calls back in the host after so many ms of its clock, if it has not crashed. Returns a function that cancels it. */
  later(ms: number, run: () => void): () => void {
    const { host } = this
    // As Node's timers: a wait of a rounding error would never end.
    const dueMs = this.time + Math.max(ms, LEAST_WAIT_MS)
    let isDone = false
    const look = (): void =>
      this.whenAwake(() => {
        if (isDone || this.host !== host) return
        if (this.time < dueMs) this.#network.at(this.clock.when(dueMs), look)
        else run()
      })
    this.#network.at(this.clock.when(dueMs), look)
    return () => {
      isDone = true
    }
  }

  /** The host does not run for so long. A host that sleeps already goes on sleeping. */
  sleep(forMs: number, how: 'stalled' | 'suspended' | 'suspended, clock too'): void {
    if (this.host === undefined || this.isAsleep) return
    const { now } = this.#network
    const last = this.#sleeps.at(-1)
    this.#absentSinceMs = last?.untilMs === now ? now - last.forMs : now
    const sleep = new Sleep(now, how !== 'stalled')
    this.#sleep = sleep
    this.#stopsClock = how === 'suspended, clock too'
    this.#onChange()
    this.#network.at(now + forMs, () => {
      if (this.#sleep === sleep) this.wake()
    })
  }

  /** The host runs again: first it reads what has arrived, then it looks at its timers. */
  wake(): void {
    const sleep = this.#sleep
    if (sleep === undefined) return
    const now = this.#network.now
    const forMs = now - sleep.sinceMs
    this.#sleep = undefined
    this.#sleeps.push({ untilMs: now, forMs: now - this.#absentSinceMs })
    if (this.#stopsClock) this.clock.stopped(now, forMs)
    if (sleep.pending.length > 0) this.#onPackets(sleep.pending)
    this.host?.poll(this.time)
    for (const act of sleep.tasks) act()
    this.#onChange()
  }

  /** Packets reach the host, as soon as it runs. */
  receive(batch: readonly Datagram[]): void {
    if (this.#sleep === undefined) this.#onPackets(batch)
    else this.#sleep.receive(batch)
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
    this.flowSets = this.#isShared ? new FlowSets(host, this.random, this.link.mtu) : undefined
    this.lives++
    return host
  }

  crash(): void {
    this.#sleep = undefined
    this.host = undefined
    this.listener = undefined
    this.flowSets = undefined
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
