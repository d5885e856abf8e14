/**
 * Runs the machine's steps for a host's flows and carries out their effects: packets, timers, the transport, notices to
 * the application. The machine makes every decision.
 */

import { none } from '../../../checker/lower/typed.ts'
import { must } from '../../../checker/text/at.ts'
import type { FlowEffect } from '../../../spec/machines/flow/compiled.ts'
import type { AnyFlowEvent } from '../../../spec/machines/flow/events.ts'
import { ACCEPTED, MOVED, PEER_CLOSED, PEER_MOVED } from '../../../spec/machines/flow/notices.ts'
import { ACK, DATA, type Packet, RSYN, RSYNACK, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../../spec/machines/flow/states.ts'
import { flowStep } from '../../../spec/machines/flow/step.ts'
import type { ListenerEffect } from '../../../spec/machines/listener/compiled.ts'
import { establishes, fails, isInProgress } from '../../../spec/machines/listener/handshakes.ts'
import type { ListenerEvent } from '../../../spec/machines/listener/machine.ts'
import { listenerStep } from '../../../spec/machines/listener/step.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import type { Datagram } from '../../link/link.ts'
import type { Connections } from '../connections/connections.ts'
import type { Limits } from '../limits.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import type { Punching } from '../relay/punching.ts'
import type { Relay } from '../relay/relay.ts'
import { empty } from './empty.ts'
import { newEvent } from './event.ts'
import type { Flow } from './flow.ts'
import { type Before, learn, readHandshake } from './learn.ts'
import type { Listener } from './listener.ts'
import { OWN_NONCE } from './nonces.ts'
import { PassiveOpen, type PassiveOpenHost } from './passiveOpen.ts'
import { type SeekingHost, sought } from './seeking.ts'
import { Strangers, type StrangersHost } from './strangers.ts'
import type { Timers } from './timers.ts'

/** Called after every step of a flow's machine. The objects are reused: copy what you keep. */
export type Observer = (
  flow: Flow,
  event: AnyFlowEvent,
  fired: readonly number[],
  effects: readonly FlowEffect[],
) => void

/** Timers of a flow: timer k of a slot has the number slot * TIMERS_PER_FLOW + k. */
export const TIMERS_PER_FLOW = 3
export const RETRANSMIT = 0
export const LINGER = 1
export const TRANSPORT = 2

/** The parts of a host that the engine uses. */
export interface EngineHost extends PassiveOpenHost, SeekingHost, StrangersHost {
  readonly limits: Limits
  readonly timers: Timers
  readonly connections: Connections
  /** Both ends are done, and the flow lingers. */
  rest(flow: Flow, now: number): void
  /** The flow is over. */
  forget(flow: Flow): void
  /** The flow's transport may have something to send. */
  wake(flow: Flow): void
  readonly places: HostAddresses
  readonly punching: Punching
  readonly relay: Relay | undefined
  observer: Observer | undefined
  /** Called with each retransmitted RSYN and RSYN-ACK: the peer may have left the address that it goes to. */
  onRepeated: ((question: Datagram) => void) | undefined
}

/** The result of one step. Reused per depth, because effects may cause further steps. */
interface Outcome {
  readonly effects: FlowEffect[]
  readonly fired: number[]
  /** The flow that stepped; undefined for a listening socket. */
  flow: Flow | undefined
}

export class Engine {
  readonly #host: EngineHost
  readonly #machine = flowStep()
  readonly #listening = listenerStep()
  readonly #passiveOpen: PassiveOpen
  readonly strangers: Strangers
  readonly #outcomes: Outcome[] = []
  /** The effects of the listener's last step. */
  readonly #decisions: ListenerEffect[] = []
  readonly #decided: number[] = []
  #depth = 0

  constructor(host: EngineHost) {
    this.#host = host
    this.#passiveOpen = new PassiveOpen(host, this)
    this.strangers = new Strangers(host)
  }

  /**
   * Runs one step of a flow's machine and carries out its effects. The event may be a packet. Returns false if the machine
   * ignores the event.
   */
  step(flow: Flow, event: AnyFlowEvent, now: number, packet?: Frame): boolean {
    const outcome = this.#begin(flow)
    const { state } = flow
    const { connection, owed, joins, peerToken } = state
    this.#machine.step(state, event, outcome.effects, outcome.fired)
    this.#host.observer?.(flow, event, outcome.fired, outcome.effects)
    const taken = outcome.fired.length > 0
    if (taken && event.type === 'DATA' && connection === state.connection && owed === state.owed) {
      // Data that changes no state is still delivered; in FIN-WAIT-2 it shows that the peer is alive.
      this.#deliver(flow, packet as Frame, now)
      if (outcome.effects.length > 1) this.#linger(flow, now)
    } else if (taken)
      this.#perform(flow, event.type, outcome.effects, { connection, owed, joins, peerToken }, now, packet)
    this.#depth--
    return taken
  }

  /** Runs the listening flow's step: for a SYN, an ACK without a flow, LISTEN or CLOSE. */
  stepSocket(listener: Listener, event: AnyFlowEvent, now: number, packet?: Frame): void {
    const { effects, fired } = this.#begin()
    this.#machine.step(listener.socket, event, effects, fired)
    for (const effect of effects)
      if (effect.type === 'offerSyn')
        this.#passiveOpen.offerSyn(listener, event, effect.params, must(packet), now)
      else if (effect.type === 'offerAck')
        this.#passiveOpen.offerAck(listener, effect.params, must(packet), now)
    this.#depth--
  }

  /** Runs the listener's step. Returns the type of its effect; undefined if it has none. No step has two. */
  stepListener(listener: Listener, event: ListenerEvent): ListenerEffect['type'] | undefined {
    empty(this.#decisions)
    empty(this.#decided)
    this.#listening.step(listener.state, event, this.#decisions, this.#decided)
    return this.#decisions[0]?.type
  }

  /**
   * Asks the machine whether data may leave now, and between which addresses; freezes or thaws the transport
   * accordingly.
   */
  findPath(flow: Flow, now: number): void {
    const { effects, fired } = this.#begin()
    SEND.here = this.#host.places.here(flow.local)
    this.#machine.step(flow.state, SEND, effects, fired)
    const [data] = effects
    this.#depth--
    const could = flow.maySend
    flow.maySend = data !== undefined
    if (data?.type !== 'transmit') {
      if (could) flow.transport.freeze()
      return
    }
    const { from, to } = data.params
    const isNew = from !== flow.from || to !== flow.to
    if (flow.from !== 0) {
      if (!could) flow.transport.thaw(now, isNew)
      else if (isNew) flow.transport.change(now)
    }
    flow.from = from
    flow.to = to
    this.#host.wake(flow)
  }

  /** The same for all flows that move: the host's addresses have changed. */
  findPaths(flows: readonly Flow[], now: number): void {
    for (const flow of flows) if (flow.migration !== MIGRATION.INITIAL) this.findPath(flow, now)
  }

  /** The number of steps in progress. */
  get depth(): number {
    return this.#depth
  }

  /** An exception ended all steps beyond this depth. Returns the flow of the innermost one. */
  unwind(depth: number): Flow | undefined {
    let flow: Flow | undefined
    for (; this.#depth > depth; this.#depth--) flow ??= (this.#outcomes[this.#depth - 1] as Outcome).flow
    return flow
  }

  #begin(flow?: Flow): Outcome {
    const depth = this.#depth++
    this.#outcomes[depth] ??= { effects: [], fired: [], flow }
    const outcome = this.#outcomes[depth] as Outcome
    outcome.flow = flow
    empty(outcome.effects)
    empty(outcome.fired)
    return outcome
  }

  #deliver(flow: Flow, { bytes, payload, end }: Frame, now: number): void {
    flow.transport.receive(bytes, payload, end, now)
    this.#host.wake(flow)
  }

  #linger(flow: Flow, now: number): void {
    this.#host.timers.schedule(flow.slot * TIMERS_PER_FLOW + LINGER, now + this.#host.limits.lingerMs)
  }

  /** Carries out the effects of a step from the state `before`. */
  #perform(
    flow: Flow,
    type: AnyFlowEvent['type'],
    effects: readonly FlowEffect[],
    before: Before,
    now: number,
    packet: Frame | undefined,
  ): void {
    const { state } = flow
    const { connection } = before
    const reached = state.connection
    // First, because the following may throw, or call the application, which may step this flow again.
    this.#countHandshake(flow, connection, effects)
    flow.pin()
    if (packet !== undefined) learn(flow, packet, before, this.#host.places)
    if (flow.seeker && flow.isLive) sought(this.#host, flow, now)
    const asked = this.#carryOut(flow, type, effects, now, packet)
    this.#setTimer(flow, type, before.owed, asked, now)
    if (state.connection >= CONNECTION.CONNECTED) this.findPath(flow, now)
    for (const effect of effects) if (effect.type === 'notify') this.#notify(flow, effect.params.notice, now)
    // After the notice that the flow is connected.
    if (before.joins !== state.joins && flow.isLive && flow.belongsTo !== undefined)
      this.#host.connections.confirmed(flow, flow.belongsTo, now)
    // A step inside this one has already released the flow if it ended there.
    if (reached !== connection && reached === state.connection) this.#ended(flow, now)
    if ((asked & UNREADABLE) !== 0) {
      this.#host.counters.corrupt++
      this.step(flow, ABORT, now)
    }
  }

  /** The flow has entered a state: reports and releases one that has ended. */
  #ended(flow: Flow, now: number): void {
    const { connection } = flow
    if (connection === CONNECTION.FINWAIT2 || connection === CONNECTION.TIMEWAIT) flow.user?.wake?.()
    const isOver = connection === CONNECTION.TIMEWAIT || connection === CONNECTION.CLOSED
    if (isOver && flow.belongsTo !== undefined) this.#host.connections.ended(flow, flow.belongsTo, now)
    if (connection === CONNECTION.TIMEWAIT) this.#host.rest(flow, now)
    else if (connection === CONNECTION.CLOSED) this.#host.forget(flow)
  }

  /** Carries out all effects but notices. Returns what remains to be done: a set of ARM, RENEW and UNREADABLE. */
  #carryOut(
    flow: Flow,
    type: AnyFlowEvent['type'],
    effects: readonly FlowEffect[],
    now: number,
    packet: Frame | undefined,
  ): number {
    let asked = 0
    for (const effect of effects)
      switch (effect.type) {
        case 'transmit':
          this.#transmit(flow, effect.params, now, packet)
          if (type === 'TIMEOUT') this.#askElsewhere(flow, effect.params, now)
          else if (type === 'MOVE' && flow.relayed?.isFollowing) this.#askRelay(flow, effect.params, now)
          break
        case 'arm':
          asked |= ARM
          break
        case 'renew':
          asked |= RENEW
          break
        case 'readSynAck':
          if (!readHandshake(flow, SYNACK, must(packet), now)) asked |= UNREADABLE
          break
        case 'readAck':
          // Only the first ACK has a transport part. If it is lost, whatever else confirms replaces it.
          readHandshake(flow, ACK, must(packet), now)
          break
        case 'challenge':
        case 'keep':
          flow.takeChallenge(effect.type, packet, this.#host.random)
          break
        case 'linger':
          this.#linger(flow, now)
          break
        case 'deliver':
          this.#deliver(flow, must(packet), now)
          break
        // The application hears last: see #perform.
        case 'notify':
        // Only a listening flow offers: see stepSocket.
        case 'offerSyn':
        case 'offerAck':
          break
        default:
          none(effect)
      }
    return asked
  }

  /** Reports a RSYN or RSYN-ACK that was just repeated. */
  #askElsewhere(flow: Flow, sent: Packet, now: number): void {
    if (sent.kind !== RSYN && sent.kind !== RSYNACK) return
    this.#host.onRepeated?.(must(this.#host.packets.last))
    if (flow.relayed?.isPunching === false) this.#askRelay(flow, sent, now)
  }

  /** The direct path may have died: sends the packet by the relay too. Only the candidate gets its challenge. */
  #askRelay(flow: Flow, sent: Packet, now: number): void {
    const { relayed, nonce, transport } = flow
    if (relayed === undefined || sent.to === relayed.via || sent.kind === DATA) return
    const copy = { ...sent, to: relayed.via, challenge: 0 }
    this.#host.packets.control(copy, transport.protocol, nonce.high, nonce.low, flow, now)
  }

  /** Tells the listener that a handshake has ended. A flow that begins with its ACK is already counted. */
  #countHandshake({ listener }: Flow, before: number, effects: readonly FlowEffect[]): void {
    if (listener === undefined || !isInProgress(before)) return
    for (const effect of effects) {
      if (effect.type !== 'notify') continue
      const { notice } = effect.params
      if (establishes(notice)) this.stepListener(listener, { type: 'ESTABLISHED' })
      else if (fails(notice)) this.stepListener(listener, { type: 'FAILED' })
    }
  }

  /** Like any hop, resolves each copy of a SYN anew. */
  #transmit(flow: Flow, sent: Packet, now: number, packet: Frame | undefined): void {
    if (sent.kind === DATA) return
    if (sent.nonce === OWN_NONCE) {
      const { nonce, seeker, transport } = flow
      const led = sent.kind === SYN && seeker ? { ...sent, to: seeker.to } : sent
      this.#host.packets.control(led, transport.protocol, nonce.high, nonce.low, flow, now)
    } else this.strangers.reply(sent, must(packet), undefined, now)
  }

  /** The retransmission timer runs exactly while something is owed (invariant 20). */
  #setTimer(flow: Flow, type: AnyFlowEvent['type'], owed: number, asked: number, now: number): void {
    const { retransmission, state } = flow
    const timer = flow.slot * TIMERS_PER_FLOW + RETRANSMIT
    // A packet answers what was owed; a close replaces the repeated ACK by a FIN.
    if ((owed & ~state.owed) !== 0)
      if (type === 'CLOSE') retransmission.replaced()
      else retransmission.answered(now)
    if (state.owed === 0) {
      flow.timeoutAt = Infinity
      this.#host.timers.cancel(timer)
      return
    }
    if ((asked & ARM) === 0 && flow.timeoutAt !== Infinity) return
    // A new packet, or a new wait, starts a new measurement; otherwise it is a retransmission (Karn).
    // A move that is given up goes back, to another path again.
    if (type === 'MOVE' || (type === 'GIVEUP' && flow.isMoving)) retransmission.restart()
    // Closing gives a move all its tries again, so it must not keep their doubled waits.
    if (type === 'CLOSE' && flow.isMoving) retransmission.replaced()
    if ((state.owed & ~owed) !== 0 || (asked & RENEW) !== 0) retransmission.sent(now)
    flow.timeoutAt = now + retransmission.waitMs
    this.#host.timers.schedule(timer, flow.timeoutAt)
  }

  /** The peer has finished. */
  confirmEnd(flow: Flow, now: number): void {
    flow.transport.confirmEnd(now)
    this.#host.wake(flow)
  }

  #notify(flow: Flow, notice: number, now: number): void {
    const { listener } = flow
    // Of several flows, the connection knows which one closes it.
    if (notice === PEER_CLOSED && flow.belongsTo === undefined) this.confirmEnd(flow, now)
    // Until now the peer has ignored data from where a translator shows this flow: asks what has arrived.
    if (notice === MOVED && flow.isTranslated && flow.maySend) flow.transport.thaw(now, false)
    if (listener?.isOpen && notice === ACCEPTED) {
      listener.ready.push(flow)
      listener.options.onReady(listener)
    }
    if (notice === PEER_MOVED) this.#host.relay?.moved(flow.state.formerPeer, flow.peer)
    flow.user?.onNotice(notice, flow)
    if (flow.relayed !== undefined) this.#host.punching.heard(flow, flow.relayed, notice, now)
    if (flow.belongsTo !== undefined) this.#host.connections.notice(flow, flow.belongsTo, notice, now)
  }
}

const SEND = newEvent('SEND')
const ABORT = newEvent('ABORT')

/** What the effects of a step leave to be done when all are carried out. */
const ARM = 1
const RENEW = 2
/** The peer's part of the handshake is none that the transport can read. */
const UNREADABLE = 4
