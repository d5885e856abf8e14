/**
 * Runs the machine's steps for a host's flows and carries out their effects: packets, timers, the transport, notices to
 * the application. The machine makes every decision.
 */

import type { Effect, MachineState } from '../../../checker/lower/standalone.ts'
import { must } from '../../../checker/text/at.ts'
import { ACCEPTED, PEER_CLOSED, RESET, TIMED_OUT } from '../../../spec/machines/flow/notices.ts'
import { ACK, DATA, RSYN, RSYNACK, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { flowStep } from '../../../spec/machines/flow/step.ts'
import { listenerStep } from '../../../spec/machines/listener/step.ts'
import { CONTROL_BYTES, HEADER_BYTES } from '../../../spec/wire/format.ts'
import type { Address, Datagram } from '../../link/link.ts'
import type { Limits } from '../limits.ts'
import type { RateLimit } from '../paths/rateLimit.ts'
import { newEvent, type SalEvent } from './event.ts'
import type { Flow } from './flow.ts'
import type { FlowIdSource } from './flowIds.ts'
import type { Listener } from './listener.ts'
import { type Nonce, type NonceOf, OTHER_NONCE, OWN_NONCE, PEER_NONCE } from './nonces.ts'
import { PassiveOpen, type Surroundings as PassiveSurroundings } from './passiveOpen.ts'
import type { Timers } from './timers.ts'

/** Called after every step of a flow's machine. The objects are reused: copy what you keep. */
export type Observer = (
  flow: Flow,
  event: SalEvent,
  fired: readonly number[],
  effects: readonly Effect[],
) => void

/** Timers of a flow: timer k of a slot has the number slot * TIMERS_PER_FLOW + k. */
export const TIMERS_PER_FLOW = 3
export const RETRANSMIT = 0
export const LINGER = 1
export const TRANSPORT = 2

/** What the engine needs of its host. */
export interface Surroundings extends PassiveSurroundings {
  readonly limits: Limits
  readonly timers: Timers
  readonly flowIds: FlowIdSource
  readonly nonceOf: NonceOf
  readonly strangers: RateLimit
  /** A number in [0, 1). The cost of an answer to a stranger varies, so that nobody can infer how many others got one. */
  readonly chance: () => number
  /** Both ends are done, and the flow lingers. */
  rest(flow: Flow, now: number): void
  /** The flow is over. */
  forget(flow: Flow): void
  /** The flow's transport may have something to send. */
  wake(flow: Flow): void
  observer: Observer | undefined
  /** Called with each retransmitted RSYN and RSYN-ACK: the peer may have left the address that it goes to. */
  onRepeated: ((question: Datagram) => void) | undefined
}

/** The result of one step. Reused per depth, because effects may cause further steps. */
interface Outcome {
  readonly effects: Effect[]
  readonly fired: number[]
  /** The flow that stepped; undefined for a listener. */
  flow: Flow | undefined
}

export class Engine {
  readonly #host: Surroundings
  readonly #machine = flowStep()
  readonly #listening = listenerStep()
  readonly #passiveOpen: PassiveOpen
  readonly #outcomes: Outcome[] = []
  #depth = 0
  /** The machine of an ended flow: it answers for flowIDs that this host once issued. */
  readonly #gone: MachineState = { ...flowStep().initial(), connection: CONNECTION.CLOSED }

  constructor(host: Surroundings) {
    this.#host = host
    this.#passiveOpen = new PassiveOpen(host, this)
  }

  /** Runs one step of a flow's machine and carries out its effects. Returns false if the machine ignores the event. */
  step(flow: Flow, event: SalEvent, now: number): boolean {
    const outcome = this.#begin(flow)
    const { state } = flow
    const connection = must(state.connection)
    const owed = must(state.owed)
    this.#machine.step(state, event, outcome.effects, outcome.fired)
    this.#host.observer?.(flow, event, outcome.fired, outcome.effects)
    const taken = outcome.fired.length > 0
    if (taken && event.type === 'DATA' && connection === state.connection && owed === state.owed) {
      // Data that changes no state is still delivered; in FIN-WAIT-2 it shows that the peer is alive.
      this.#deliver(flow, now)
      if (outcome.effects.length > 1) this.#linger(flow, now)
    } else if (taken) this.#perform(flow, event.type, outcome.effects, connection, owed, now)
    this.#depth--
    return taken
  }

  /** Answers a packet for an unknown flow with a rate-limited RST. */
  answerStranger(event: SalEvent, now: number): void {
    const { counters, flowIds, confirmed, nonceOf } = this.#host
    const { dstFlow } = event
    const answered = confirmed.nonceOf(dstFlow)
    const generation = flowIds.generationOf(dstFlow)
    // The host issues this flowID later, or never: an answer would reveal the nonce of that flow.
    if (answered === undefined && generation === 0 && event.type !== 'SYN') {
      counters.unissued++
      return
    }
    const { effects, fired } = this.#begin()
    this.#gone.localFlow = dstFlow
    this.#gone.localNonce = OWN_NONCE
    this.#machine.step(this.#gone, event, effects, fired)
    for (const { type, params } of effects) {
      if (type !== 'transmit') continue
      const isOwn = params.nonce === OWN_NONCE
      this.#reply(params, isOwn ? (answered ?? nonceOf(dstFlow, generation)) : undefined, now)
    }
    this.#depth--
  }

  /**
   * Answers the current packet with a RST. The packet proves nothing about its sender, so the RST is never longer and is
   * rate-limited (invariant 54). Both have the same headers below SAL. Without `own` the RST carries the packet's nonce.
   */
  #reply(rst: Effect['params'], own: Nonce | undefined, now: number): void {
    const { counters, strangers, packets, frame, chance } = this.#host
    if (frame.end - frame.start < RST_BYTES) counters.outgrown++
    else if (!strangers.take(now, 1 + chance())) counters.unanswered++
    else {
      const { high, low } = own ?? { high: frame.nonceHigh, low: frame.nonceLow }
      packets.control(rst, frame.protocol, high, low, undefined, now)
    }
  }

  /** Runs the listening flow's step: for a SYN, an ACK without a flow, LISTEN or CLOSE. */
  stepSocket(listener: Listener, event: SalEvent, now: number): void {
    const { effects, fired } = this.#begin()
    this.#machine.step(listener.socket, event, effects, fired)
    for (const { type, params } of effects)
      if (type === 'offer') this.#passiveOpen.offer(listener, event, params, now)
    this.#depth--
  }

  /** Runs the listener's step. Returns the names of its effects. */
  stepListener(listener: Listener, type: string, known = 0, genuine = 0, room = 0): readonly string[] {
    const { effects, fired } = this.#begin()
    this.#listening.step(listener.state, { type, known, genuine, room }, effects, fired)
    const names = effects.map(effect => effect.type)
    this.#depth--
    return names
  }

  /**
   * Asks the machine whether data may leave now, and between which addresses; freezes or thaws the transport
   * accordingly.
   */
  findPath(flow: Flow, now: number): void {
    const { effects, fired } = this.#begin()
    this.#machine.step(flow.state, SEND, effects, fired)
    const [data] = effects
    this.#depth--
    const could = flow.maySend
    flow.maySend = data !== undefined
    if (data === undefined) {
      if (could) flow.transport.freeze()
      return
    }
    const { from, to } = data.params as { from: Address; to: Address }
    const isNew = from !== flow.from || to !== flow.to
    if (flow.from !== 0 && (!could || isNew)) {
      if (could) flow.transport.freeze()
      flow.transport.thaw(now, isNew)
    }
    flow.from = from
    flow.to = to
    this.#host.wake(flow)
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

  /** Delivers the payload of the current packet. */
  #deliver(flow: Flow, now: number): void {
    const { bytes, payload, end } = this.#host.frame
    flow.transport.receive(bytes, payload, end, now)
    this.#host.wake(flow)
  }

  #linger(flow: Flow, now: number): void {
    this.#host.timers.schedule(flow.slot * TIMERS_PER_FLOW + LINGER, now + this.#host.limits.lingerMs)
  }

  #perform(
    flow: Flow,
    type: string,
    effects: readonly Effect[],
    connection: number,
    owed: number,
    now: number,
  ): void {
    const { state } = flow
    // First, because the following may throw, or call the application, which may step this flow again.
    this.#countHandshake(flow, connection, effects)
    flow.pin()
    this.#learnNonce(flow)
    const understood = this.#shakeHands(flow, type, connection, now)
    let armed = false
    for (const { type: effect, params } of effects) {
      if (effect === 'transmit') {
        this.#transmit(flow, params, now)
        if (type === 'TIMEOUT' && (params.kind === RSYN || params.kind === RSYNACK))
          this.#host.onRepeated?.(must(this.#host.packets.last))
      } else if (effect === 'arm') armed = true
      else if (effect === 'linger') this.#linger(flow, now)
      else if (effect === 'deliver') this.#deliver(flow, now)
    }
    this.#setTimer(flow, type, owed, armed, now)
    if (must(state.connection) >= CONNECTION.CONNECTED) this.findPath(flow, now)
    for (const { type: effect, params } of effects)
      if (effect === 'notify') this.#notify(flow, must(params.notice), now)
    if (state.connection === CONNECTION.TIMEWAIT && connection !== CONNECTION.TIMEWAIT) {
      flow.onRest()
      this.#host.rest(flow, now)
    } else if (state.connection === CONNECTION.CLOSED && connection !== CONNECTION.CLOSED)
      this.#host.forget(flow)
    else if (!understood) {
      this.#host.counters.corrupt++
      this.step(flow, ABORT, now)
    }
  }

  /** Tells the listener that a handshake has ended. A flow that begins with its ACK is already counted. */
  #countHandshake({ listener }: Flow, before: number, effects: readonly Effect[]): void {
    if (listener === undefined || before !== CONNECTION.RESPOND) return
    for (const { type, params } of effects) {
      if (type !== 'notify') continue
      if (params.notice === ACCEPTED) this.stepListener(listener, 'ESTABLISHED')
      else if (params.notice === RESET || params.notice === TIMED_OUT) this.stepListener(listener, 'FAILED')
    }
  }

  #transmit(flow: Flow, sent: Effect['params'], now: number): void {
    const { packets } = this.#host
    const { protocol } = flow.transport
    if (sent.kind === DATA) return
    if (sent.nonce === OWN_NONCE) {
      const { high, low } = flow.nonce
      packets.control(sent, protocol, high, low, flow, now)
    } else this.#reply(sent, undefined, now)
  }

  /** The machine has accepted the current packet's nonce as the peer's. */
  #learnNonce(flow: Flow): void {
    if (flow.state.peerNonce !== OTHER_NONCE) return
    flow.learnNonce(this.#host.frame)
    flow.state.peerNonce = PEER_NONCE
  }

  /** The transport reads its part of the packet that confirms. False: it cannot, and the flow cannot go on. */
  #shakeHands(flow: Flow, type: string, connection: number, now: number): boolean {
    const { bytes, payload, end } = this.#host.frame
    if (type === 'SYNACK' && connection === CONNECTION.REQUEST)
      return flow.transport.readHandshake(SYNACK, bytes, payload, end, now)
    // Only the first ACK has a transport part. If it is lost, whatever else confirms replaces it.
    if (connection === CONNECTION.RESPOND && CONFIRMING.has(type))
      flow.transport.readHandshake(ACK, bytes, payload, end, now)
    return true
  }

  /** The retransmission timer runs exactly while something is owed (invariant 20). */
  #setTimer(flow: Flow, type: string, owed: number, armed: boolean, now: number): void {
    const { retransmission, state } = flow
    const timer = flow.slot * TIMERS_PER_FLOW + RETRANSMIT
    if ((owed & ~must(state.owed)) !== 0) retransmission.answered(now)
    if (state.owed === 0) {
      flow.timeoutAt = Infinity
      this.#host.timers.cancel(timer)
      return
    }
    if (!armed && flow.timeoutAt !== Infinity) return
    // A new packet, or a new wait, starts a new measurement; otherwise it is a retransmission (Karn).
    if (type === 'MOVE') retransmission.restart()
    if ((must(state.owed) & ~owed) !== 0 || RENEWS.has(type)) retransmission.sent(now)
    flow.timeoutAt = now + retransmission.timeoutMs
    this.#host.timers.schedule(timer, flow.timeoutAt)
  }

  #notify(flow: Flow, notice: number, now: number): void {
    const { listener } = flow
    if (notice === PEER_CLOSED) {
      flow.transport.confirmEnd(now)
      this.#host.wake(flow)
    }
    if (listener?.isOpen && notice === ACCEPTED) {
      listener.ready.push(flow)
      listener.options.onReady(listener)
    }
    flow.onNotice(notice)
  }
}

/** Empties a list but keeps its memory. `length = 0` would free it, and each step of data would allocate. */
function empty(list: unknown[]): void {
  while (list.length > 0) list.pop()
}

/** Packets that end a handshake at the server, besides data, which the transport reads as such. */
const CONFIRMING: ReadonlySet<string> = new Set(['ACK', 'RSYN', 'FIN'])

/** A RST has CONTROL and nothing else. */
const RST_BYTES = HEADER_BYTES + CONTROL_BYTES

const SEND: SalEvent = newEvent('SEND')
const ABORT: SalEvent = newEvent('ABORT')

/** Events after which an existing obligation concerns another packet, or is counted from the start. */
const RENEWS: ReadonlySet<string> = new Set(['MOVE', 'CLOSE', 'GIVEUP'])
