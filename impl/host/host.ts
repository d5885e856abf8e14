/**
 * A host's Service Access Layer, sans-I/O: packets and the time are arguments, packets leave through `flush`. The
 * driver calls `receive` for incoming packets, `poll` when `nextTimeout` is due, and `flush` after each of these and
 * after calls of the application. The same calls with the same random source give the same packets, to the byte.
 */
import { CAPABILITIES, SEVERAL_FLOWS } from '../../spec/machines/flow/capabilities.ts'
import type { FlowEvent } from '../../spec/machines/flow/events.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import type { Frame } from '../../spec/wire/frame.ts'
import type { Address, Datagram } from '../link/link.ts'
import type { Transport } from '../transport/transport.ts'
import type { FlowsOwner } from './connections/connection.ts'
import { Connections } from './connections/connections.ts'
import { Counters } from './counters.ts'
import { SalError } from './errors.ts'
import { Alarms } from './flows/alarms.ts'
import { Answers, VALID_MS } from './flows/answers.ts'
import { Confirmed } from './flows/confirmed.ts'
import { Engine, type EngineHost, type Observer, RETRANSMIT, TIMERS_PER_FLOW } from './flows/engine.ts'
import { newEvent } from './flows/event.ts'
import type { Flow } from './flows/flow.ts'
import { type FlowIdSource, FlowIds } from './flows/flowIds.ts'
import { type ConnectOptions, Flows, type NewFlow } from './flows/flows.ts'
import { Listener, type ListenOptions, type Path } from './flows/listener.ts'
import { type NonceOf, OWN_NONCE } from './flows/nonces.ts'
import { Outlet } from './flows/outlet.ts'
import { resetTokens, type TokenOf } from './flows/resetTokens.ts'
import { Seeker } from './flows/seeker.ts'
import { refused } from './flows/seeking.ts'
import { Timers } from './flows/timers.ts'
import type { HostOptions, Timed } from './hostOptions.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { Demultiplexer } from './packets/demultiplexer.ts'
import { Packets } from './packets/packets.ts'
import { Delays } from './paths/delays.ts'
import { Doubts } from './paths/doubts.ts'
import { Forwarding } from './paths/forwarding.ts'
import { HostAddresses } from './paths/hostAddresses.ts'
import { checkFamily } from './paths/mobility.ts'
import { RateLimit } from './paths/rateLimit.ts'
import { Reflection } from './paths/reflection.ts'
import { keyedHash } from './random/keyedHash.ts'
import { newSecrets, type RandomSource, randomFraction, randomUint32 } from './random/random.ts'
import { Punching } from './relay/punching.ts'
import { Relay } from './relay/relay.ts'
import { resolve, sourceFor } from './services/route.ts'
import type { ServicePrefix } from './services/serviceId.ts'
import { LISTEN_PRIORITY, LISTEN_WEIGHT, type ServiceRule, ServiceTable } from './services/serviceTable.ts'

/** A host without sockets: packets, timers and applications go in, packets come out. */
export class Host implements EngineHost {
  readonly limits: Limits
  readonly counters = new Counters()
  readonly random: RandomSource
  /** The capabilities that new flows offer. */
  offers: number
  readonly packets: Packets
  readonly timers = new Timers()
  readonly flowIds: FlowIdSource
  readonly nonceOf: NonceOf
  readonly tokenOf: TokenOf
  readonly answers: Answers
  readonly confirmed: Confirmed
  readonly reflection: Reflection
  readonly strangers: RateLimit
  readonly chance = () => randomFraction(this.random)
  readonly services: ServiceTable<Listener>
  readonly places = new HostAddresses()
  readonly forwarding: Forwarding | undefined
  readonly relay: Relay | undefined
  readonly punching = new Punching(this)
  readonly delays: Delays
  readonly doubts = new Doubts()
  /** Across all listeners, because a repeated SYN may reach another listener when prefixes come and go. */
  readonly bySyn = new Map<string, Flow>()
  /** Called with rules that have expired, after their removal. */
  onExpired: ((rules: readonly ServiceRule<Listener>[]) => void) | undefined
  /** Sees every step. */
  observer: Observer | undefined
  /** Called with each exception that ended a packet, a timer or a flow, and with that flow. */
  onFault: ((error: unknown, flow: Flow | undefined) => void) | undefined
  /** Called with an address that did not answer a SYN for the service, or refused it, while another answered. */
  onSilent: ((service: Uint8Array, address: Address) => void) | undefined
  /** Called with a flow that nothing answers, although its path may look well: its owner may move it. */
  onSilentPath: ((flow: Flow) => void) | undefined
  /**
   * Called when the connection that a flow opened gets a further flow. Returns its owner; undefined refuses further flows.
   * Without it, the host offers no connections with several flows.
   */
  ownerOf: ((first: Flow) => FlowsOwner | undefined) | undefined
  /** @internal */
  onRepeated: ((question: Datagram) => void) | undefined

  readonly connections: Connections
  readonly #engine: Engine
  readonly #demultiplexer: Demultiplexer
  readonly #flows: Flows
  readonly #outlet: Outlet
  readonly #alarms: Alarms
  /** Of what the application does, and of timers. */
  readonly #event = newEvent('SEND')
  readonly #parts: Timed[] = []
  #now = 0

  constructor(options: HostOptions) {
    const { random, packetBytes, limits, flowIds, offers, secret, forwards, carries } = options
    this.limits = { ...defaultLimits, ...limits }
    this.random = random
    this.offers = offers ?? CAPABILITIES
    const secrets = newSecrets(random)
    this.tokenOf = resetTokens(secret ?? secrets('reset tokens'))
    this.flowIds = flowIds ?? new FlowIds(random)
    this.packets = new Packets(packetBytes, this.tokenOf, id => this.connections.keyOf(id))
    this.nonceOf = keyedHash(secrets('nonces'))
    this.answers = new Answers(secrets('answers'), this.flowIds)
    this.confirmed = new Confirmed(this.limits.confirmed, VALID_MS)
    this.services = new ServiceTable(secrets('service table').readUIntBE(0, 6))
    this.#flows = new Flows(this.flowIds, this.nonceOf, this.limits.flows, this)
    this.#outlet = new Outlet(this, this.#flows, (flow, now) => this.connections.finished(flow, now))
    this.#alarms = new Alarms(this, this.#flows, (flow, type, now) => this.#step(flow, type, now))
    this.reflection = new Reflection(this.limits, secrets('reflection'))
    this.strangers = new RateLimit(this.limits.strangersPerSecond, this.limits.strangersAtOnce)
    this.delays = new Delays(this.limits, this.counters)
    this.attach(this.delays)
    this.forwarding = forwards || carries ? new Forwarding(this, random) : undefined
    this.relay = carries ? new Relay(this) : undefined
    this.attach(this.punching)
    this.#engine = new Engine(this)
    this.connections = new Connections(this, this.#engine, secrets('connection keys'))
    this.attach(this.connections)
    this.#demultiplexer = new Demultiplexer(this, this.#engine)
  }

  /** The time of the last call with a time. */
  get now(): number {
    return this.#now
  }

  /** Polls the part together with the host from now on. */
  attach(part: Timed): void {
    this.#parts.push(part)
  }

  /** Its addresses, best first. */
  get addresses(): readonly Address[] {
    return this.places.own
  }

  /** Sets the host's addresses. The owners of its flows decide what follows: see `migrate`. */
  setAddresses(addresses: readonly Address[]): void {
    this.places.own = addresses
    this.#guard(() => this.#engine.findPaths(this.#flows.all(), this.#now), this.#now)
  }

  /** Returns all flows, including those in TIME-WAIT. */
  flows(): Flow[] {
    return this.#flows.all()
  }

  get flowCount(): number {
    return this.#flows.count
  }

  /** Bytes that all transports held at the last `flush`. */
  get bufferedBytes(): number {
    return this.#outlet.buffered
  }

  /** @internal */
  get isCrowded(): boolean {
    return this.bufferedBytes > this.limits.bufferedBytes
  }

  flowById(id: number): Flow | undefined {
    return this.#flows.byId(id)
  }

  /** Listens to a service or prefix. The listener gets what no longer prefix covers. Throws SAL_IN_USE. */
  listen(prefix: ServicePrefix, options: ListenOptions): Listener {
    if (this.services.targets(prefix).some(({ kind }) => kind === 'demux'))
      throw new SalError(
        'SAL_IN_USE',
        `${prefix.text} has a listener already: close it, or choose another name`,
      )
    const listener = new Listener(prefix, options)
    this.#engine.stepSocket(listener, newEvent('LISTEN'), this.#now)
    this.services.add(prefix, { kind: 'demux', listener }, LISTEN_PRIORITY, LISTEN_WEIGHT)
    return listener
  }

  /** Ends handshakes in progress, and resets flows that nobody has accepted. */
  unlisten(listener: Listener, now: number): void {
    if (!listener.isOpen) return
    this.services.remove(listener.prefix, { kind: 'demux', listener })
    // There are few handshakes, mostly none, but perhaps many flows of all listeners.
    const made = listener.pending > 0 ? this.bySyn.values() : []
    this.#engine.stepSocket(listener, newEvent('CLOSE'), now)
    this.#engine.stepListener(listener, { type: 'CLOSE' })
    for (const flow of made)
      if (flow.listener === listener && flow.connection === CONNECTION.RESPOND) this.#step(flow, 'CLOSE', now)
    for (const flow of listener.ready.splice(0)) this.abort(flow, now)
  }

  /** Returns the flow that has waited longest. */
  accept(listener: Listener): Flow | undefined {
    const { ready } = listener.state
    this.#engine.stepListener(listener, { type: 'ACCEPT' })
    return listener.state.ready === ready ? undefined : listener.ready.shift()
  }

  /** Opens a flow: its first packet leaves with the next `flush`. Throws SAL_NO_ROUTE, SAL_NO_ADDRESS, SAL_LIMIT. */
  connect({ service, transport, via, from, seeking }: ConnectOptions, now: number): Flow {
    const to = via ?? resolve(this.services, service, this.chance(), this.places.own, now)
    const local = from ?? sourceFor(to, this.places.own)
    const seeker = seeking && new Seeker(to, seeking)
    const flow = this.#flows.open({ service, transport, seeker })
    if (flow === undefined)
      throw new SalError('SAL_LIMIT', `the host has ${this.limits.flows} flows, its limit; close some`)
    const own = { flow: flow.id, nonce: OWN_NONCE, verno: randomUint32(this.random), from: local }
    Object.assign(this.#event, own, { to, capabilities: this.offered })
    this.#step(flow, 'CONNECT', now)
    return flow
  }

  /** Something at `by` refuses the SYN of a flow. Returns false if nothing else can answer it. */
  refused(flow: Flow, by: Address, now: number): boolean {
    return refused(this.#engine, flow, by, now)
  }

  /** Moves a flow to another of the host's addresses. Throws SAL_STATE, SAL_FAMILY. */
  migrate(flow: Flow, address: Address, now: number): void {
    checkFamily(address, flow.peer)
    this.#event.address = address
    if (!this.#step(flow, 'MOVE', now))
      throw new SalError('SAL_STATE', 'only a flow that is connected can move; wait until it is')
  }

  /**
   * The application has finished writing. The flow closes when the transport has delivered everything in both
   * directions.
   */
  finish(flow: Flow, now: number): void {
    if (flow.connection <= CONNECTION.RESPOND && !flow.isClosed) this.#step(flow, 'CLOSE', now)
    else {
      flow.transport.finish(now)
      this.wake(flow)
    }
  }

  /** Ends a flow immediately, with all other flows of its connection, and sends the peer RSTs. */
  abort(flow: Flow, now: number): void {
    this.connections.abort(flow, now)
  }

  /**
   * The path of a flow may work again: retransmits immediately whatever has timed out. A move in progress keeps its
   * limit of tries.
   */
  retry(flow: Flow, now: number): void {
    if (flow.timeoutAt < Infinity && flow.migration === MIGRATION.INITIAL && flow.retransmission.retry()) {
      flow.timeoutAt = now
      this.timers.schedule(flow.slot * TIMERS_PER_FLOW + RETRANSMIT, now)
    }
    flow.transport.retry(now)
    this.wake(flow)
  }

  /** Ends all flows immediately, and sends their peers RSTs: the process exits. */
  abandon(now: number): void {
    for (const flow of this.#flows.all())
      this.#guard(() => this.#step(flow, 'ABORT', now) || this.#step(flow, 'CLOSE', now), now)
  }

  receive(batch: readonly Datagram[], now: number): void {
    this.#now = now
    this.#demultiplexer.receive(batch, now)
  }

  /** When to call `poll` next, ms; Infinity for never. */
  nextTimeout(): number {
    const next = Math.min(this.timers.next(), this.services.nextTimeout())
    return this.#parts.reduce((next, part) => Math.min(next, part.nextTimeout()), next)
  }

  /** Does what is due. */
  poll(now: number): void {
    this.#now = now
    this.#engine.unwind(0)
    const expired = this.services.expire(now)
    this.#guard(() => expired.length > 0 && this.onExpired?.(expired), now)
    for (const part of this.#parts) this.#guard(() => part.poll(now), now)
    this.#alarms.poll(now)
  }

  /** Returns packets that leave now. They belong to the caller, who may return them all at once with `reclaim`. */
  flush(now: number): readonly Datagram[] {
    this.#now = now
    // An exception that went to the application instead of a flow has left its steps behind.
    this.#engine.unwind(0)
    this.#outlet.pump(now)
    const batch = this.packets.take()
    this.counters.sent += batch.length
    return batch
  }

  /** The caller has no references any more to packets from `flush`. */
  reclaim(): void {
    this.packets.reclaim()
  }

  /** @internal */
  wake(flow: Flow): void {
    this.#outlet.wake(flow)
  }

  /** @internal */
  newTransport(listener: Listener, packet: Frame, path: Path): Transport | undefined {
    if (this.isCrowded) return undefined
    return listener.options.transport(packet.protocol, packet, path)
  }

  /** @internal */
  get hasRoom(): boolean {
    return !this.#flows.isFull
  }

  /** @internal */
  open(given: NewFlow): Flow | undefined {
    return this.#flows.open(given)
  }

  /** @internal */
  get offered(): number {
    return this.ownerOf === undefined ? this.offers - (this.offers & SEVERAL_FLOWS) : this.offers
  }

  /** @internal */
  rest(flow: Flow, now: number): void {
    this.#outlet.rest(flow)
    const oldest = this.#flows.rest(flow, this.limits.timeWait)
    if (oldest === undefined) return
    this.counters.evicted++
    this.#step(oldest, 'EXPIRE', now)
  }

  /** @internal */
  forget(flow: Flow): void {
    this.#flows.remove(flow)
    flow.unpin()
    this.bySyn.delete(flow.synKey)
    if (flow.listener !== undefined) flow.listener.flows--
    for (let i = 0; i < TIMERS_PER_FLOW; i++) this.timers.cancel(flow.slot * TIMERS_PER_FLOW + i)
    this.#outlet.forget(flow)
  }

  /**
   * @internal An exception ended all steps beyond `depth`. Counts and reports it, and closes `flow`, or the flow whose
   * step it was. Forgets a flow that cannot even be reset.
   */
  fault(error: unknown, depth: number, now: number, flow?: Flow): void {
    const broken = this.#engine.unwind(depth) ?? flow
    this.counters.faults++
    this.#report(error, broken)
    if (broken === undefined) return
    for (const type of LAST_EVENTS)
      if (this.#flows.inSlot(broken.slot) === broken)
        try {
          this.#step(broken, type, now)
        } catch (another) {
          this.#engine.unwind(depth)
          this.counters.faults++
          this.#report(another, broken)
        }
    if (this.#flows.inSlot(broken.slot) === broken) this.forget(broken)
  }

  /** The application's own callback may throw as well; there is nobody to report that to. */
  #report(error: unknown, flow: Flow | undefined): void {
    try {
      this.onFault?.(error, flow)
    } catch {}
  }

  #guard(act: () => void, now: number): void {
    try {
      act()
    } catch (error) {
      this.fault(error, 0, now)
    }
  }

  #step(flow: Flow, type: FlowEvent['type'], now: number): boolean {
    this.#event.type = type
    this.#event.here = this.places.here(flow.local)
    return this.#engine.step(flow, this.#event, now)
  }
}

/** One of these ends a flow in any state: live, in a handshake, or lingering. */
const LAST_EVENTS = ['ABORT', 'GIVEUP', 'CLOSE', 'EXPIRE'] as const
