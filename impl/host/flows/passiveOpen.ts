/**
 * Turns SYNs, and ACKs without a flow, into flows: carries out the decisions of a listener's machine. A temporary flow
 * answers a SYN that the listener does not keep.
 */

import type { Effect, MachineState } from '../../../checker/lower/standalone.ts'
import { must } from '../../../checker/text/at.ts'
import { ACK, SYN } from '../../../spec/machines/flow/packets.ts'
import { flowStep } from '../../../spec/machines/flow/step.ts'
import { sourcesWith } from '../../../spec/wire/forward.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { ipOf } from '../../link/address.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Counters } from '../counters.ts'
import type { Packets } from '../packets/packets.ts'
import { type RandomSource, randomUint32 } from '../random/random.ts'
import type { Answer, Answers } from './answers.ts'
import type { Confirmed } from './confirmed.ts'
import type { Engine } from './engine.ts'
import { newEvent, type SalEvent } from './event.ts'
import type { Flow } from './flow.ts'
import type { Listener } from './listener.ts'
import { OWN_NONCE, PEER_NONCE } from './nonces.ts'
import { synKeyOf } from './synKey.ts'

type Packet = Effect['params']

/** What passive opens need of their host. */
export interface Surroundings {
  readonly counters: Counters
  readonly packets: Packets
  readonly random: RandomSource
  readonly answers: Answers
  readonly confirmed: Confirmed
  /** The current packet. */
  readonly frame: Frame
  /** Existing flows made by listeners, by what identifies their SYNs (invariant 3). */
  readonly bySyn: ReadonlyMap<string, Flow>
  /** True if the host has room for another flow. */
  readonly hasRoom: boolean
  /** Returns a transport for the current packet. Undefined if its protocol is not spoken, or memory is short. */
  newTransport(listener: Listener): Transport | undefined
  /** Creates the flow of the current packet, whose SYN `key` identifies. Undefined if there are too many. */
  begin(listener: Listener, transport: Transport, key: string, answer?: Answer): Flow | undefined
}

export class PassiveOpen {
  readonly #host: Surroundings
  readonly #engine: Engine
  readonly #event = newEvent()
  /** The initial state of the temporary flow. */
  readonly #initial = flowStep().initial()
  readonly #passing: MachineState = { ...this.#initial }
  readonly #effects: Effect[] = []
  readonly #fired: number[] = []

  constructor(host: Surroundings, engine: Engine) {
    this.#host = host
    this.#engine = engine
  }

  /** Handles a SYN, or an ACK without a flow. */
  offer(listener: Listener, event: SalEvent, packet: Packet, now: number): void {
    if (event.kind === SYN) this.#offerSyn(listener, event, packet, now)
    else this.#offerAck(listener, packet, now)
  }

  #offerSyn(listener: Listener, event: SalEvent, syn: Packet, now: number): void {
    const { bySyn, frame, counters, random } = this.#host
    const key = synKeyOf(frame, must(syn.from), frame.verno)
    this.#event.claimed = event.claimed
    const made = bySyn.get(key)
    const [effect] = this.#engine.stepListener(listener, 'SYN', made === undefined ? 0 : 1)
    if (effect === 'repeat') {
      event.nonce = PEER_NONCE
      this.#engine.step(must(made), event, now)
    } else if (effect === 'admit') {
      const flow = this.#beginFor(listener, key, now)
      if (flow === undefined) {
        counters.refused++
        return
      }
      flow.sources = this.#sourcesTo(syn)
      const opening = this.#opening('ACCEPT', syn, flow.id, randomUint32(random), must(syn.verno))
      this.#engine.step(flow, opening, now)
    } else if (effect === 'answer' && this.#answer(listener, syn, now)) counters.answered++
    else counters.refused++
  }

  /**
   * Creates the flow of a SYN that the listener has counted. If that fails, for lack of room or by an error, the
   * listener counts one less.
   */
  #beginFor(listener: Listener, key: string, now: number): Flow | undefined {
    const { bytes, payload, end } = this.#host.frame
    let flow: Flow | undefined
    try {
      const transport = this.#host.newTransport(listener)
      if (transport?.readHandshake(SYN, bytes, payload, end, now) === true)
        flow = this.#host.begin(listener, transport, key)
      return flow
    } finally {
      if (flow === undefined) this.#engine.stepListener(listener, 'FAILED')
    }
  }

  /**
   * Answers the SYN statelessly. Returns false if its transport part is malformed or not spoken, or its flowID is in
   * use.
   */
  #answer(listener: Listener, syn: Packet, now: number): boolean {
    const { frame, answers, confirmed, packets } = this.#host
    const transport = this.#host.newTransport(listener)
    const { flow, nonce, verno, mask } = answers.answerTo(frame, must(syn.from), now)
    // No ACK could confirm it. When the client repeats the SYN in the next epoch, it gets another answer.
    if (confirmed.has(flow)) return false
    const { bytes, payload, end, protocol } = frame
    if (transport?.readUnkept(SYN, mask, bytes, payload, end, now) !== true) return false
    Object.assign(this.#passing, this.#initial)
    this.#effects.length = this.#fired.length = 0
    const event = this.#opening('ACCEPT', syn, flow, verno, must(syn.verno))
    flowStep().step(this.#passing, event, this.#effects, this.#fired)
    const sender = { service: listener.serviceIn(frame), sources: this.#sourcesTo(syn), transport }
    for (const { type, params } of this.#effects)
      if (type === 'transmit') packets.control(params, protocol, nonce.high, nonce.low, sender, now)
    return true
  }

  /**
   * Creates the flow if the ACK proves a valid answer of this host. Otherwise stays silent, because anybody can send an
   * ACK.
   */
  #offerAck(listener: Listener, ack: Packet, now: number): void {
    const { frame, answers, confirmed, bySyn, counters } = this.#host
    const answer = answers.answerBefore(frame, must(ack.from), now)
    const transport = answer === undefined ? undefined : this.#recover(listener, answer, now)
    const key = synKeyOf(frame, must(ack.from), frame.verno - 1)
    const isKnown = bySyn.has(key) || confirmed.has(must(ack.dstFlow))
    const hasRoom = confirmed.hasRoom(now) && this.#host.hasRoom
    const [effect] = this.#engine.stepListener(
      listener,
      'CONFIRM',
      isKnown ? 1 : 0,
      transport === undefined ? 0 : 1,
      hasRoom ? 1 : 0,
    )
    if (effect === 'refuse') counters.refused++
    else if (effect === 'confirm') {
      counters.confirmed++
      const { flow: id, nonce, verno } = must(answer)
      confirmed.add(id, nonce, now)
      const flow = must(this.#host.begin(listener, must(transport), key, answer))
      const event = this.#opening('CONFIRM', ack, id, verno, (frame.verno - 1) >>> 0)
      this.#engine.step(flow, event, now)
    } else counters.ignored++
  }

  /** Returns the transport in the state that it would have if the host had kept it. */
  #recover(listener: Listener, { mask }: Answer, now: number): Transport | undefined {
    const { bytes, payload, end } = this.#host.frame
    const transport = this.#host.newTransport(listener)
    return transport?.readUnkept(ACK, mask, bytes, payload, end, now) === true ? transport : undefined
  }

  #opening(
    type: 'ACCEPT' | 'CONFIRM',
    packet: Packet,
    flow: number,
    verno: number,
    peerVerno: number,
  ): SalEvent {
    const event = this.#event
    event.type = type
    event.flow = flow
    event.nonce = OWN_NONCE
    event.verno = verno
    event.peerFlow = must(packet.srcFlow)
    event.peerNonce = PEER_NONCE
    event.peerVerno = peerVerno
    event.from = must(packet.from)
    event.to = must(packet.to)
    return event
  }

  /** Returns the addresses for the SYN-ACK of a SYN that routers forwarded. */
  #sourcesTo(syn: Packet): readonly number[] {
    const { frame } = this.#host
    return frame.sourceCount > 0 ? sourcesWith(frame, ipOf(must(syn.to))) : NO_SOURCES
  }
}

const NO_SOURCES: readonly number[] = []
