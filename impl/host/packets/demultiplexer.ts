/** Turns datagrams into events of the machine: which flow or listener a packet is for, and what it says. */
import { refusesSyn } from '../../../spec/machines/flow/identity.ts'
import { ACK, DATA, RST, RSYN, RSYNACK, SYN } from '../../../spec/machines/flow/packets.ts'
import { decodeFrame, type Frame, glanceService, newFrame } from '../../../spec/wire/frame.ts'
import { kindOf } from '../../../spec/wire/kinds.ts'
import { NO_ADDRESS } from '../../link/address.ts'
import type { Address, Datagram } from '../../link/link.ts'
import type { Connections } from '../connections/connections.ts'
import type { Confirmed } from '../flows/confirmed.ts'
import type { Engine } from '../flows/engine.ts'
import { newEvent, readEvent } from '../flows/event.ts'
import type { Flow } from '../flows/flow.ts'
import type { FlowIdSource } from '../flows/flowIds.ts'
import { PEER_NONCE } from '../flows/nonces.ts'
import { refused } from '../flows/seeking.ts'
import { FirstPackets, type FirstPacketsHost, isFirst } from '../paths/firstPackets.ts'
import { originOf } from '../paths/origin.ts'
import type { Punching } from '../relay/punching.ts'
import { carriedFrom } from '../relay/relayed.ts'
import { frameIsIntact, strangerIsIntact } from './intact.ts'

export interface Tables extends FirstPacketsHost {
  readonly flowIds: FlowIdSource
  readonly confirmed: Confirmed
  readonly connections: Connections
  readonly punching: Punching
  flowById(id: number): Flow | undefined
  /** A packet caused an exception, when the engine was at this depth. */
  fault(error: unknown, depth: number, now: number): void
}

/** Tables with this many rules exceed a core's cache, so the lookups of a batch are prefetched together. */
export const RULES_AHEAD = 16_384

export class Demultiplexer {
  readonly #tables: Tables
  readonly #engine: Engine
  readonly #first: FirstPackets
  /** The packet that is received, and its event. */
  readonly #frame = newFrame()
  readonly #event = newEvent('DATA')

  constructor(tables: Tables, engine: Engine) {
    this.#tables = tables
    this.#engine = engine
    this.#first = new FirstPackets(tables, engine)
  }

  receive(batch: readonly Datagram[], now: number): void {
    if (batch.length > 1 && this.#tables.services.size >= RULES_AHEAD) this.#expect(batch)
    const { depth } = this.#engine
    for (let i = 0; i < batch.length; i++)
      try {
        this.#receive(batch[i] as Datagram, now)
      } catch (error) {
        this.#tables.fault(error, depth, now)
      }
  }

  #expect(batch: readonly Datagram[]): void {
    const { ahead } = this.#tables.services
    for (const { bytes } of batch) {
      const at = glanceService(bytes)
      if (at >= 0) ahead.expect(bytes, at)
    }
    ahead.fetch()
  }

  /** Handles a packet, or counts why not. Only a first packet may have to wait; nothing is kept of others. */
  #receive(datagram: Datagram, now: number): void {
    const { counters, places } = this.#tables
    const { from, to, bytes } = datagram
    const frame = this.#frame
    counters.received++
    const kind = decodeFrame(bytes, 0, bytes.length, frame) === 0 ? kindOf(frame) : -1
    if (kind === SYN && frame.join >= 0) {
      this.#tables.connections.receiveSyn(frame, from, to, now)
      return
    }
    if (kind >= 0 && isFirst(kind, frame)) {
      this.#first.receive(kind, frame, from, to, now)
      return
    }
    if (kind >= 0 && this.#tables.relay?.take(kind, frame, from, to, now) === true) return
    if (bytes.length === 0) counters.knocks++
    else if (kind < 0) counters.malformed++
    else if (places.isBroadcast(to)) counters.notMeant++
    else this.#receiveInFlow(kind, frame, datagram, now)
    if (datagram.isSpent === false) datagram.isSpent = true
  }

  /** Packets of a move may have come through the rendezvous, or a relay. For all others SOURCE is only informative. */
  #sender(kind: number, frame: Frame, from: Address, via: Address | undefined): Address {
    const { places } = this.#tables
    if (from === via && kind === RSYN) return carriedFrom(frame, from, places)
    if (frame.sourceCount === 0 || from !== places.rendezvous || !RELAYED.has(kind)) return from
    return originOf(frame, from, places)
  }

  #mayConfirm(flowId: number): boolean {
    const { flowIds, confirmed } = this.#tables
    return flowIds.isDerived(flowId) && !confirmed.has(flowId)
  }

  #receiveInFlow(kind: number, frame: Frame, { from, to }: Datagram, now: number): void {
    const { counters } = this.#tables
    // Signed: V8 allocates an object for a number beyond 31 bits that is passed on.
    const flow = this.#tables.flowById(frame.dstFlow | 0)
    const isSealed =
      flow === undefined
        ? strangerIsIntact(frame, from, to)
        : frameIsIntact(frame, from, to, flow.state.capabilities)
    if (!isSealed) {
      counters.corrupt++
      return
    }
    const sender = this.#sender(kind, frame, from, flow?.relayed?.via)
    if (sender === NO_ADDRESS) {
      counters.malformed++
      return
    }
    const event = readEvent(this.#event, kind, frame, sender, to)
    if (flow === undefined) {
      counters.strangers++
      // Confirms a stateless SYN-ACK, or belongs to a flow that was confirmed and has ended.
      if (kind === ACK && frame.service >= 0 && this.#mayConfirm(frame.dstFlow))
        this.#first.receiveAck(event, frame, now)
      else this.#engine.strangers.answer(event, frame, now)
      return
    }
    if (kind !== DATA) {
      event.nonce = flow.nonceIn(frame)
      event.echo = flow.challenges?.isReturned(frame) ? 1 : 0
      // A peer whose proof has arrived may not know it.
      if (flow.state.joins === 1 || (frame.join >= 0 && event.nonce === PEER_NONCE))
        event.proves = flow.belongsTo?.proves(flow, kind, frame) === true ? 1 : 0
    }
    const isRefusal = kind === RST && flow.seeker !== undefined && refusesSyn(flow.state, event)
    if (isRefusal && refused(this.#engine, flow, sender, now)) return
    const mayTell = kind === ACK && event.nonce === PEER_NONCE && (frame.advertised >= 0 || frame.echoed >= 0)
    const isTaken = this.#engine.step(flow, event, now, frame)
    if (isTaken) flow.heardAt = now
    if (isTaken && kind === RSYN && from === flow.relayed?.via)
      this.#tables.punching.follow(flow, flow.relayed, sender !== from, now)
    const isHeard = mayTell && this.#tables.connections.hear(flow, frame, now)
    if (!isTaken && !isHeard) counters.ignored++
  }
}

/** The kinds that a rendezvous relays (invariant 26). */
const RELAYED: ReadonlySet<number> = new Set([RSYN, RSYNACK])
