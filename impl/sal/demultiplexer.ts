/** From datagrams to the machine's events: which flow or listener a packet is for, and what it says. */
import { DATA, KINDS, SYN } from '../../spec/flow/packets.ts'
import { datagramIsIntact } from '../../spec/wire/datagram.ts'
import { PROTOCOL_STREAM } from '../../spec/wire/format.ts'
import { decodeFrame, type Frame } from '../../spec/wire/frame.ts'
import { finOf, kindOf } from '../../spec/wire/kinds.ts'
import { segmentIsIntact } from '../../spec/wire/segment.ts'
import type { Address } from '../link/link.ts'
import type { Counters } from './counters.ts'
import type { Engine } from './engine.ts'
import { newEvent } from './event.ts'
import type { Flow } from './flow.ts'
import type { Listener } from './listener.ts'
import { OTHER_NONCE, OWN_NONCE, PEER_NONCE } from './nonces.ts'
import { pseudoSumOf } from './pseudoHeader.ts'
import type { ServiceTable } from './serviceTable.ts'
import { isUnconnected, readUnconnected } from './unconnected.ts'

export interface Tables {
  readonly counters: Counters
  readonly frame: Frame
  readonly services: ServiceTable<Listener>
  flowById(id: number): Flow | undefined
}

export class Demultiplexer {
  readonly #tables: Tables
  readonly #engine: Engine
  readonly #event = newEvent()

  constructor(tables: Tables, engine: Engine) {
    this.#tables = tables
    this.#engine = engine
  }

  /** Takes a packet, or counts why not. */
  receive(from: Address, to: Address, bytes: Uint8Array, now: number): void {
    const { counters, frame } = this.#tables
    counters.received++
    if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) {
      counters.malformed++
      return
    }
    const kind = kindOf(frame)
    if (kind < 0) {
      counters.malformed++
      return
    }
    if (frame.payload < frame.end && !isIntact(frame, from, to)) {
      counters.corrupt++
      return
    }
    if (isUnconnected(frame)) {
      this.#receiveUnconnected(from, to)
      return
    }
    this.#read(kind, from, to)
    if (kind === SYN) this.#receiveSyn(now)
    else this.#receiveInFlow(kind, now)
  }

  #read(kind: number, from: Address, to: Address): void {
    const event = this.#event
    const { frame } = this.#tables
    event.type = KINDS[kind]!
    event.kind = kind
    event.verno = frame.verno
    event.ackno = frame.ackno
    event.nonce = OTHER_NONCE
    event.fin = finOf(frame)
    event.srcFlow = frame.srcFlow
    event.dstFlow = frame.dstFlow
    event.from = from
    event.to = to
  }

  #receiveUnconnected(from: Address, to: Address): void {
    const { counters, frame, services } = this.#tables
    const target = services.resolve(frame.bytes, 0, frame.service)
    const listen = target?.kind === 'demux' ? target.listener.options.onUnconnected : undefined
    const datagram = readUnconnected(frame, from, to)
    if (datagram === undefined) counters.malformed++
    else if (listen === undefined) counters.unserved++
    else listen(datagram)
  }

  #receiveInFlow(kind: number, now: number): void {
    const { counters, frame } = this.#tables
    const event = this.#event
    const flow = this.#tables.flowById(frame.dstFlow)
    if (flow === undefined) {
      counters.strangers++
      this.#engine.answerStranger(event, now)
      return
    }
    if (kind !== DATA) event.nonce = nonceIn(flow, frame)
    if (!this.#engine.step(flow, event, now)) counters.ignored++
  }

  #receiveSyn(now: number): void {
    const { counters, frame, services } = this.#tables
    // Late binding ends here: which instance of a host takes a flow is no matter of chance.
    const target = services.resolve(frame.bytes, 0, frame.service)
    if (target?.kind === 'demux') this.#engine.stepSocket(target.listener, this.#event, now)
    else {
      counters.unserved++
      if (target?.kind !== 'drop') this.#engine.answerStranger(this.#event, now)
    }
  }
}

/** The machine's name for the nonce of the packet at hand. */
function nonceIn(flow: Flow, frame: Frame): number {
  if (flow.state.peerNonce === PEER_NONCE)
    if (frame.nonceHigh === flow.peerNonceHigh && frame.nonceLow === flow.peerNonceLow) return PEER_NONCE
  return frame.nonceHigh === flow.nonce.high && frame.nonceLow === flow.nonce.low ? OWN_NONCE : OTHER_NONCE
}

function isIntact(frame: Frame, from: Address, to: Address): boolean {
  const { bytes, payload, end, protocol } = frame
  const sum = pseudoSumOf(from, to, protocol, end - payload)
  return protocol === PROTOCOL_STREAM
    ? segmentIsIntact(bytes, payload, end, sum)
    : datagramIsIntact(bytes, payload, end, sum)
}
