/** Simulates many hosts on one network in virtual time, with their applications. */

import { createHash, type Hash } from 'node:crypto'
import { at, must } from '../../checker/text/at.ts'
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Listener } from '../../impl/host/flows/listener.ts'
import type { Host } from '../../impl/host/host.ts'
import { type RandomSource, randomUint32, seededRandom } from '../../impl/host/random/random.ts'
import { equalServiceIds } from '../../impl/host/services/serviceId.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import { Network } from '../../impl/link/memory.ts'
import { DatagramTransport } from '../../impl/transport/datagram.ts'
import type { Frame } from '../../spec/wire/frame.ts'
import { Application } from './application.ts'
import { Conversation } from './conversation.ts'
import type { StackDefect } from './defects.ts'
import { Findings } from './findings.ts'
import { Hops } from './hops.ts'
import { ALL_TRIES, MOST_ROUNDS } from './limits.ts'
import { Outages } from './outages.ts'
import { Paths } from './paths.ts'
import { saltOf } from './pattern.ts'
import { type Action, type Connect, losesNothing, type Plan } from './plan.ts'
import { Plane } from './plane.ts'
import type { RuleName } from './rules.ts'
import { type Speech, speech } from './speech.ts'
import { addressOf, Station } from './station.ts'
import { Watch } from './watch.ts'

/** Numbers by protocol, as SAL's header has them. */
const STREAM = 6

/** An application behind a translator asks its silent peer for a sign of life so often, ms, and so keeps its mapping. */
const KEEP_ALIVE_MS = 15_000

/** Observes a simulation. Hosts are identified by their index. */
export interface SimulationObserver {
  /** Sees what a host takes and sends, faults on the way over with, before the host may change its bytes. */
  readonly packet?: (host: number, datagram: Datagram, direction: 'in' | 'out', timeMs: number) => void
  /** Sees each action of the plan, before it is done. */
  readonly acted?: (action: Action, timeMs: number) => void
  /** Sees each host when it has started, before anything happens in it. */
  readonly started?: (host: number, started: Host, now: () => number) => void
}

export interface SimulationOptions {
  /** Ends the run at the first finding. */
  readonly untilBroken?: boolean
}

export class Simulation {
  readonly plan: Plan
  readonly network: Network
  readonly stations: readonly Station[]
  readonly conversations = new Map<number, Conversation>()
  readonly findings = new Findings<RuleName>()
  readonly watch: Watch
  readonly plane: Plane
  readonly hops: Hops
  readonly paths: Paths
  readonly outages = new Outages()
  /** Addresses that never return. */
  readonly lost = new Set<Address>()
  /** The network that is gone for good. */
  lostNetwork: number | undefined
  /** Hashes all sent packets in order, with time and addresses. */
  readonly #hash: Hash = createHash('sha256')
  readonly #defect: StackDefect | undefined
  readonly #draw: RandomSource
  readonly observer: SimulationObserver
  readonly #untilBroken: boolean
  /** Conversations by the flowID of their client. */
  readonly #byClient = new Map<number, Conversation>()
  /** FlowIDs that an attacker invented. */
  readonly #strangers = new Set<number>()
  packets = 0
  bytes = 0
  rounds = 0

  constructor(
    plan: Plan,
    defect?: StackDefect,
    observer: SimulationObserver = {},
    options: SimulationOptions = {},
  ) {
    this.#untilBroken = options.untilBroken ?? false
    this.observer = observer
    this.plan = plan
    this.#defect = defect
    this.network = new Network({ latencyMs: () => plan.latencyMs })
    this.paths = new Paths(this.network, host => batch => at(this.stations, host).receive(batch))
    this.watch = new Watch(this.findings, () => this.now)
    this.#draw = seededRandom(plan.seed)
    this.stations = Array.from({ length: plan.hosts + (plan.routers ?? 0) }, (_, index): Station => {
      const station: Station = new Station(
        index,
        plan,
        this.network,
        batch => this.paths.pass(index, batch),
        batch => this.#receive(station, batch),
        () => this.outages.follow(this),
      )
      station.onAddresses = () => this.#followAddresses(station)
      defect?.station?.(station)
      return station
    })
    this.plane = new Plane(plan, this.stations)
    this.hops = new Hops(this.findings, () => this.now, this.plane, this.stations)
    for (const station of this.stations) this.start(station, false)
    this.plane.follow()
  }

  get now(): number {
    return this.network.now
  }

  /** The digest of the run so far: every packet, to the byte. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  /** A new host where there is none, listening. */
  start(station: Station, keepsSecret: boolean): void {
    const host = station.start(keepsSecret)
    this.watch.attach(host)
    this.#defect?.host?.(host)
    this.observer.started?.(station.index, host, () => this.now)
    this.plane.equip(station, station.time)
    this.listen(station)
  }

  listen(station: Station): void {
    const { host } = station
    if (host === undefined || station.isRouter || station.listener?.isOpen) return
    station.listener = host.listen(this.plane.prefixOf(station.index), {
      transport: (protocol, packet) => this.#offered(protocol, packet),
      onReady: listener => this.#accept(station, host, listener),
    })
    station.flowSets?.serve(station.listener, undefined)
  }

  connect(plan: Connect): Conversation {
    const conversation = new Conversation(plan)
    if (this.plan.tries < ALL_TRIES) conversation.excuse('few tries')
    const station = at(this.stations, plan.host)
    const spoken = this.#speech(plan, false)
    const flow = must(station.host).connect(
      {
        service: this.plane.serviceOf(plan.to, plan.flow),
        transport: spoken.transport,
        from: addressOf(plan.host, plan.from),
        ...(!this.plane.isNamed && { via: addressOf(plan.to, plan.via) }),
      },
      station.time,
    )
    const name = `${conversation.name} at host ${plan.host} (client)`
    const peer = () => conversation.server?.speech
    conversation.client = new Application(name, station, must(station.host), flow, spoken, peer)
    conversation.client.flowPolicy = plan.flows
    this.#began(conversation, conversation.client)
    this.conversations.set(plan.flow, conversation)
    this.#byClient.set(flow.id, conversation)
    return conversation
  }

  /** Whether the run needs to go no further. */
  get isOver(): boolean {
    return this.#untilBroken && this.findings.list.length > 0
  }

  /** All that happens until nothing more is due before `untilMs`, or the run is over. */
  run(untilMs: number): void {
    for (; this.rounds < MOST_ROUNDS && !this.isOver; this.rounds++) {
      this.#flush()
      const next = Math.min(this.network.nextEvent(), this.#nextTimeout())
      if (next > untilMs) break
      this.network.advance(Math.max(next, this.now))
      for (const { host, isAsleep, time } of this.stations) if (!isAsleep) host?.poll(time)
      for (const { ends } of this.conversations.values()) for (const end of ends) end.followClose()
      this.watch.settle()
      this.hops.settle()
    }
    if (this.rounds >= MOST_ROUNDS)
      this.findings.add('endless', this.now, `after ${MOST_ROUNDS} rounds there is still something to do`)
    this.network.advance(untilMs)
  }

  /** Packets come to a station that no station sent. */
  inject(station: Station, batch: readonly Datagram[]): void {
    this.#receive(station, batch)
  }

  /** Whatever listens takes a SYN from this flowID, although no conversation belongs to it. */
  expectStranger(flowId: number): void {
    this.#strangers.add(flowId)
  }

  #nextTimeout(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { dueMs } of this.stations) next = Math.min(next, dueMs)
    return next
  }

  #receive(station: Station, batch: readonly Datagram[]): void {
    const { host, index, time } = station
    if (host === undefined) return
    const { packet } = this.observer
    if (packet) for (const datagram of batch) packet(index, datagram, 'in', this.now)
    host.receive(batch, time)
  }

  #flush(): void {
    for (const station of this.stations) {
      const { host, faulty, index, time, isAsleep } = station
      if (host === undefined || isAsleep) continue
      const batch = host.flush(time)
      if (batch.length === 0) continue
      for (const datagram of batch) {
        this.#note(host, datagram)
        if (station.isRouter) this.hops.sees(station, datagram)
        this.observer.packet?.(index, datagram, 'out', this.now)
      }
      faulty.send(batch)
    }
    this.watch.settle()
  }

  #note(host: Host, datagram: Datagram): void {
    const { from, to, bytes } = datagram
    this.packets++
    this.bytes += bytes.length
    this.#hash.update(`${this.now} ${from} ${to} ${bytes.length} `).update(bytes)
    this.watch.sees(host, datagram)
  }

  #speech({ protocol, flow, scheduler }: Connect, isServer: boolean): Speech {
    const { faults } = this.plan
    const made = speech(protocol, {
      ...{ salt: saltOf(flow, isServer), peerSalt: saltOf(flow, !isServer), scheduler },
      ...{ packetBytes: this.network.mtu, stream: this.#defect?.stream },
      initialSequence: randomUint32(this.#draw),
      isOnce: faults.duplication === 0,
      isLossless: losesNothing(this.plan, flow),
    })
    this.#defect?.transport?.(made.transport)
    return made
  }

  /** Speeches of servers whose flows are not ready yet, by transport. */
  readonly #offers = new Map<unknown, Speech>()

  /** Returns the transport for a SYN, whose flowID shows the conversation that it belongs to. */
  #offered(protocol: number, { srcFlow }: Frame) {
    const conversation = this.#byClient.get(srcFlow)
    if (conversation === undefined) return this.#strangers.has(srcFlow) ? new DatagramTransport() : undefined
    const named = protocol === STREAM ? 'stream' : 'datagram'
    const spoken = this.#speech({ ...conversation.plan, protocol: named }, true)
    this.#offers.set(spoken.transport, spoken)
    return spoken.transport
  }

  #accept(station: Station, host: Host, listener: Listener): void {
    const flow = host.accept(listener)
    const spoken = flow && this.#offers.get(flow.transport)
    const conversation = flow && this.#byClient.get(must(flow.state.peerFlow))
    if (flow === undefined || spoken === undefined || conversation === undefined) return
    this.#offers.delete(flow.transport)
    const { to, flow: number } = conversation.plan
    if (!equalServiceIds(flow.service, this.plane.serviceOf(to, number)))
      this.findings.add(
        'resolved',
        this.now,
        `${station.name} has a flow for a service that nobody asked for`,
      )
    const name = `${conversation.name} at host ${station.index} (server)`
    const peer = () => conversation.client?.speech
    const server = new Application(name, station, host, flow, spoken, peer)
    this.#began(conversation, server)
    if (conversation.server !== undefined) this.#second(conversation, flow)
    else conversation.catchUp(server)
  }

  #followAddresses(station: Station): void {
    for (const { ends } of this.conversations.values())
      for (const end of ends) if (end.station === station) end.follow()
  }

  #began(conversation: Conversation, end: Application): void {
    this.#defect?.application?.(end)
    if (end.station.nat !== undefined) end.keepAlive(KEEP_ALIVE_MS)
    end.onGiveUp = () => {
      if (this.outages.explains(this, conversation, end))
        conversation.excuse('its peer was out of reach for longer than an end waits')
    }
  }

  /** A client that has a server gets another one only if the first is gone. */
  #second(conversation: Conversation, flow: Flow): void {
    if (!conversation.isExcused)
      this.findings.add(
        'identity',
        this.now,
        `${conversation.name} has a second server, ${flow.id.toString(16)}`,
      )
  }

  /** Returns whether a station has the address now. */
  has(station: Station, address: Address): boolean {
    return station.link.addresses().includes(address)
  }
}
