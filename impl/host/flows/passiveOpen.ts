/**
 * Turns SYNs, and ACKs without a flow, into flows: carries out the decisions of a listener's machine. A temporary flow
 * answers a SYN that the listener does not keep.
 */

import { none } from '../../../checker/lower/typed.ts'
import { must } from '../../../checker/text/at.ts'
import { SEVERAL_FLOWS } from '../../../spec/machines/flow/capabilities.ts'
import type { FlowEffect, FlowState } from '../../../spec/machines/flow/compiled.ts'
import type { AnyFlowEvent, Received } from '../../../spec/machines/flow/events.ts'
import { ACK, SYN } from '../../../spec/machines/flow/packets.ts'
import { VERNO_SPACE } from '../../../spec/machines/flow/registers.ts'
import { flowStep } from '../../../spec/machines/flow/step.ts'
import { confirmedBy, openedBy } from '../../../spec/machines/listener/handshakes.ts'
import { sourcesWith } from '../../../spec/wire/forward.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { ipOf } from '../../link/address.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Counters } from '../counters.ts'
import type { Packets } from '../packets/packets.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import { type RandomSource, randomUint32 } from '../random/random.ts'
import { isCarried } from '../relay/relayed.ts'
import type { Answers, StatelessAnswer } from './answers.ts'
import type { Confirmed } from './confirmed.ts'
import type { Engine } from './engine.ts'
import { newEvent } from './event.ts'
import type { Flow } from './flow.ts'
import type { NewFlow } from './flows.ts'
import type { Listener, Path } from './listener.ts'
import { OWN_NONCE, PEER_NONCE } from './nonces.ts'
import { synKeyOf } from './synKey.ts'

/** The parts of a host that passive opens use. */
export interface PassiveOpenHost {
  readonly counters: Counters
  readonly packets: Packets
  readonly places: HostAddresses
  readonly random: RandomSource
  readonly answers: Answers
  readonly confirmed: Confirmed
  /** Existing flows made by listeners, by what identifies their SYNs (invariant 3). */
  readonly bySyn: Map<string, Flow>
  /** True if the host has room for another flow. */
  readonly hasRoom: boolean
  /** The capabilities that new flows offer. */
  readonly offered: number
  /** Returns a transport for the packet, which came by `path`. Undefined if its protocol is not spoken, or memory is short. */
  newTransport(listener: Listener, packet: Frame, path: Path): Transport | undefined
  /** Creates a flow. Undefined if there are too many. */
  open(given: NewFlow): Flow | undefined
}

export class PassiveOpen {
  readonly #host: PassiveOpenHost
  readonly #engine: Engine
  readonly #event = newEvent('ACCEPT')
  /** The initial state of the temporary flow. */
  readonly #initial = flowStep().initial()
  readonly #passing: FlowState = { ...this.#initial }
  readonly #effects: FlowEffect[] = []
  readonly #fired: number[] = []

  constructor(host: PassiveOpenHost, engine: Engine) {
    this.#host = host
    this.#engine = engine
  }

  /** Handles a SYN. `event` is the listening flow's. */
  offerSyn(listener: Listener, event: AnyFlowEvent, syn: Received, packet: Frame, now: number): void {
    const { bySyn, counters } = this.#host
    const key = synKeyOf(packet, syn.from, packet.verno)
    const made = bySyn.get(key)
    const effect = this.#engine.stepListener(listener, { type: 'SYN', known: made === undefined ? 0 : 1 })
    switch (effect) {
      case 'repeat':
        event.nonce = PEER_NONCE
        this.#engine.step(must(made), event, now, packet)
        break
      case 'admit':
        this.#admit(listener, key, syn, event.claimed, packet, now)
        break
      case 'answer':
        if (this.#answer(listener, syn, event.claimed, packet, now)) counters.answered++
        else counters.refused++
        break
      // A closed listener has no effects.
      case 'refuse':
      case undefined:
        counters.refused++
        break
      // Only an ACK is confirmed.
      case 'confirm':
        break
      default:
        none(effect)
    }
  }

  #admit(listener: Listener, key: string, syn: Received, claimed: number, packet: Frame, now: number): void {
    const { counters, random } = this.#host
    const flow = this.#beginFor(listener, key, syn, packet, now)
    if (flow === undefined) {
      counters.refused++
      return
    }
    flow.sources = sourcesTo(syn, packet)
    if (isCarried(packet, syn.from, this.#host.places)) flow.carriedBy(syn.from)
    this.#engine.step(flow, this.#accept(syn, flow.id, randomUint32(random), claimed), now)
  }

  /**
   * Creates the flow of a SYN that the listener has counted. If that fails, for lack of room or by an error, the
   * listener counts one less.
   */
  #beginFor(listener: Listener, key: string, path: Path, packet: Frame, now: number): Flow | undefined {
    const { bytes, payload, end } = packet
    let flow: Flow | undefined
    try {
      const transport = this.#host.newTransport(listener, packet, path)
      if (transport?.readHandshake(SYN, bytes, payload, end, now) === true)
        flow = this.#begin(listener, transport, key, packet)
      return flow
    } finally {
      if (flow === undefined) this.#engine.stepListener(listener, { type: 'FAILED' })
    }
  }

  /**
   * Answers the SYN statelessly. Returns false if its transport part is malformed or not spoken, or its flowID is in
   * use.
   */
  #answer(listener: Listener, syn: Received, claimed: number, packet: Frame, now: number): boolean {
    const { answers, confirmed, packets } = this.#host
    const transport = this.#host.newTransport(listener, packet, syn)
    const { flow, nonce, verno, mask } = answers.answerTo(packet, syn.from, now)
    // No ACK could confirm it. When the client repeats the SYN in the next epoch, it gets another answer.
    if (confirmed.has(flow)) return false
    const { bytes, payload, end, protocol } = packet
    if (transport?.readUnkept(SYN, mask, bytes, payload, end, now) !== true) return false
    Object.assign(this.#passing, this.#initial)
    this.#effects.length = this.#fired.length = 0
    const event = this.#accept(syn, flow, verno, claimed, UNKEPT)
    flowStep().step(this.#passing, event, this.#effects, this.#fired)
    const sender = { service: listener.serviceIn(packet), sources: sourcesTo(syn, packet), transport }
    for (const effect of this.#effects)
      if (effect.type === 'transmit')
        packets.control(effect.params, protocol, nonce.high, nonce.low, sender, now)
    return true
  }

  /**
   * Creates the flow if the ACK proves a valid answer of this host. Otherwise stays silent, because anybody can send an
   * ACK.
   */
  offerAck(listener: Listener, ack: Received, packet: Frame, now: number): void {
    const { answers, confirmed, bySyn, counters } = this.#host
    const answer = answers.answerBefore(packet, ack.from, now)
    const transport = answer === undefined ? undefined : this.#recover(listener, answer, ack, packet, now)
    const key = synKeyOf(packet, ack.from, packet.verno - 1)
    const isKnown = bySyn.has(key) || confirmed.has(ack.dstFlow)
    const hasRoom = confirmed.hasRoom(now) && this.#host.hasRoom
    const effect = this.#engine.stepListener(listener, {
      type: 'CONFIRM',
      known: isKnown ? 1 : 0,
      genuine: transport === undefined ? 0 : 1,
      room: hasRoom ? 1 : 0,
    })
    switch (effect) {
      case 'confirm': {
        const { flow: id, nonce } = must(answer)
        counters.confirmed++
        confirmed.add(id, nonce, now)
        const flow = must(this.#begin(listener, must(transport), key, packet, answer))
        const own = { ...ack, nonce: PEER_NONCE }
        const named = confirmedBy(own, id, OWN_NONCE, VERNO_SPACE, this.#host.offered & UNKEPT)
        this.#engine.step(flow, Object.assign(this.#event, { type: 'CONFIRM' as const }, named), now)
        break
      }
      case 'refuse':
        counters.refused++
        break
      case undefined:
        counters.ignored++
        break
      // Only a SYN is admitted, repeated or answered.
      case 'admit':
      case 'repeat':
      case 'answer':
        break
      default:
        none(effect)
    }
  }

  /** Creates the flow of the packet, whose SYN `key` identifies. Undefined if there are too many. */
  #begin(
    listener: Listener,
    transport: Transport,
    key: string,
    packet: Frame,
    answer?: StatelessAnswer,
  ): Flow | undefined {
    const flow = this.#host.open({
      service: listener.serviceIn(packet),
      transport,
      listener,
      synKey: key,
      ...(answer !== undefined && { answer }),
    })
    if (flow === undefined) return undefined
    listener.flows++
    this.#host.bySyn.set(key, flow)
    flow.learnNonce(packet)
    flow.learnKey(packet)
    return flow
  }

  /** Returns the transport in the state that it would have if the host had kept it. */
  #recover(
    listener: Listener,
    { mask }: StatelessAnswer,
    path: Path,
    packet: Frame,
    now: number,
  ): Transport | undefined {
    const { bytes, payload, end } = packet
    const transport = this.#host.newTransport(listener, packet, path)
    return transport?.readUnkept(ACK, mask, bytes, payload, end, now) === true ? transport : undefined
  }

  /** Returns the event that opens the flow of a SYN. */
  #accept(syn: Received, flow: number, verno: number, claimed: number, mask = -1): AnyFlowEvent {
    const own = { ...syn, nonce: PEER_NONCE }
    const named = openedBy(own, flow, OWN_NONCE, verno, claimed, this.#host.offered & mask, 0)
    return Object.assign(this.#event, { type: 'ACCEPT' as const }, named)
  }
}

/** Returns the addresses for the SYN-ACK of a SYN that routers forwarded. */
const sourcesTo = (syn: Received, packet: Frame): readonly number[] =>
  packet.sourceCount > 0 ? sourcesWith(packet, ipOf(syn.to)) : NO_SOURCES

const NO_SOURCES: readonly number[] = []

/** A host that keeps nothing of a SYN cannot keep the peer's key. */
const UNKEPT = ~SEVERAL_FLOWS
