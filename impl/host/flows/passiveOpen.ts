/**
 * From SYNs, and from ACKs for flows that do not exist, to flows: carries out what a listener's machine decides about
 * them. A SYN that the listener does not keep is answered by a flow that is forgotten at once.
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
  /** The packet at hand. */
  readonly frame: Frame
  /** Flows that listeners have made and that are still there, by what identifies their SYNs (invariant 3). */
  readonly bySyn: ReadonlyMap<string, Flow>
  /** Whether one more flow may begin. */
  readonly hasRoom: boolean
  /** Returns a transport for the packet at hand; undefined when its protocol is not spoken, or there is no memory. */
  newTransport(listener: Listener): Transport | undefined
  /** Makes a flow of the packet at hand, whose SYN `key` identifies; undefined when there are too many. */
  begin(listener: Listener, transport: Transport, key: string, answer?: Answer): Flow | undefined
}

export class PassiveOpen {
  readonly #host: Surroundings
  readonly #engine: Engine
  readonly #event = newEvent()
  /** Of the flow that answers and is forgotten. */
  readonly #initial = flowStep().initial()
  readonly #passing: MachineState = { ...this.#initial }
  readonly #effects: Effect[] = []
  readonly #fired: number[] = []

  constructor(host: Surroundings, engine: Engine) {
    this.#host = host
    this.#engine = engine
  }

  /** A SYN, or an ACK for a flow that does not exist. */
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

  /** Makes the flow of a SYN that the listener has counted. Without one, for want of room or by an error, it counts one less. */
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

  /** Answers the SYN and keeps nothing. False: its transport cannot be read, or is not spoken, or its flowID is taken. */
  #answer(listener: Listener, syn: Packet, now: number): boolean {
    const { frame, answers, confirmed, packets } = this.#host
    const transport = this.#host.newTransport(listener)
    const { flow, nonce, verno, mask } = answers.answerTo(frame, must(syn.from), now)
    // No ACK could confirm it. The SYN that the client repeats has another answer in the next epoch.
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

  /** An ACK that shows a valid answer of this host makes the flow. All others get silence: anybody can send them. */
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

  /** Returns the transport as it would be had it been kept. */
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

  /** What the SYN-ACK says of a SYN that routers sent on. */
  #sourcesTo(syn: Packet): readonly number[] {
    const { frame } = this.#host
    return frame.sourceCount > 0 ? sourcesWith(frame, ipOf(must(syn.to))) : NO_SOURCES
  }
}

const NO_SOURCES: readonly number[] = []
