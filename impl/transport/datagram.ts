/**
 * Datagrams between two ends. Each message is sent once, as one packet with a UDP header inside SAL. A message keeps its
 * boundaries; it is never retransmitted or reordered. A connection with several flows chooses one for each message
 * (datagrams/bundle.ts).
 *
 * Both queues are bounded. A full send queue refuses the newest message, because the writer is local and can wait. A
 * full receive queue drops the oldest message, because a slow reader wants the latest state.
 */
import {
  DATAGRAM_BYTES,
  decodeDatagram,
  encodeDatagramHeader,
  newDatagramHeader,
} from '../../spec/wire/datagram.ts'
import { PROTOCOL_DATAGRAM } from '../../spec/wire/format.ts'
import { DatagramBundle, type Whole } from './datagrams/bundle.ts'
import { type DatagramFlow, flowOf } from './datagrams/flowStatistics.ts'
import { JoinedDatagrams } from './datagrams/joinedDatagrams.ts'
import { MessageQueue } from './messageQueue.ts'
import type { SchedulerName } from './stream/bundle/scheduler.ts'
import type { Transport, TransportDriver, TransportUser } from './transport.ts'

/** The payload of an Ethernet frame after IPv6, UDP, SAL's base header and the inner UDP header. */
export const MESSAGE_BYTES = 1500 - 40 - 8 - 12 - DATAGRAM_BYTES

/** Limits of each queue: a burst within one turn of the event loop. Linux gives a UDP socket 208 KB. */
export const QUEUE_MESSAGES = 256
export const QUEUE_BYTES = 256 * 1024

/** Counts of messages since the transport was created. */
export interface DatagramStatistics {
  sent: number
  received: number
  /** Refused by `write`, because the queue was full or `finish` had been called. */
  refused: number
  /** Dropped before sending, because a move made packets too small for them. */
  tooLong: number
  /** Received, but dropped unread to make room for newer messages. */
  unread: number
  /** Packets that do not contain a valid datagram. */
  malformed: number
  /** With several flows: messages dropped because they had arrived before, or are too old to tell. */
  repeated: number
  stale: number
}

/** Reused: filled and read within one call. */
const header = newDatagramHeader()

export class DatagramTransport implements Whole {
  readonly protocol = PROTOCOL_DATAGRAM
  /** A datagram flow has no end of its own that SAL's FIN would have to wait for. */
  readonly peerFinished = true
  readonly hasHeardEnd = true
  /** The longest message that may be written, in bytes. */
  readonly messageLimit: number
  readonly statistics: DatagramStatistics = {
    sent: 0,
    received: 0,
    refused: 0,
    tooLong: 0,
    unread: 0,
    malformed: 0,
    repeated: 0,
    stale: 0,
  }
  user: TransportUser | undefined
  driver: TransportDriver | undefined
  /** How messages choose their flow. */
  scheduler: SchedulerName = 'minRtt'
  readonly #outgoing = new MessageQueue(QUEUE_MESSAGES, QUEUE_BYTES)
  readonly #incoming = new MessageQueue(QUEUE_MESSAGES, QUEUE_BYTES)
  #isFrozen = false
  #isFinishing = false
  #isDestroyed = false
  #owesDrain = false
  /** Undefined while there was never a second flow. */
  #bundle: DatagramBundle | undefined

  constructor(messageLimit: number = MESSAGE_BYTES) {
    this.messageLimit = messageLimit
  }

  get buffered(): number {
    return this.#outgoing.bytes + this.#incoming.bytes + (this.#bundle?.first.buffered ?? 0)
  }

  get waiting(): number {
    return this.#outgoing.size
  }

  /** Unanswered questions in a row; with one flow nothing is asked. */
  get timeouts(): number {
    return this.#bundle?.first.roundTrip.timeouts ?? 0
  }

  /** Each flow that has not left, in the order of joining; none if there was never more than one. */
  get flows(): readonly DatagramFlow[] {
    return this.#bundle?.paths.map(flowOf) ?? []
  }

  /** A datagram flow has no end of its own: SAL's FIN is the end of the connection. */
  readonly peerHasEnded = true

  get bufferedToSend(): number {
    return this.#outgoing.bytes
  }

  /** The number of messages waiting to be read. */
  get readable(): number {
    return this.#incoming.size
  }

  get isDrained(): boolean {
    return this.#isFinishing && this.#outgoing.size === 0
  }

  get finished(): boolean {
    return this.isDrained && (this.#bundle?.first.buffered ?? 0) === 0
  }

  /**
   * Queues a message and takes over its bytes. Returns false if the message was refused; `onDrain` is called when there
   * is room again, unless `finish` has been called. Throws a RangeError if the message is longer than `messageLimit`.
   */
  write(message: Uint8Array): boolean {
    if (message.length > this.messageLimit)
      throw new RangeError(
        `a message of ${message.length} bytes does not fit a packet: send at most ${this.messageLimit} bytes at once`,
      )
    if (this.#isFinishing || this.#isDestroyed || !this.#outgoing.push(message)) {
      this.statistics.refused++
      this.#owesDrain = true
      return false
    }
    this.#wake()
    return true
  }

  /** Returns the oldest message that has arrived, or undefined. */
  read(): Uint8Array | undefined {
    return this.#incoming.shift()
  }

  /** Writes a header without a message. */
  writeHandshake(_kind: number, out: Uint8Array, at: number, _now: number): number {
    return encodeDatagramHeader(0, out, at)
  }

  /**
   * Refuses a message in a handshake packet: it would have no flow yet, and would be delivered again with each
   * retransmission.
   */
  readHandshake(_kind: number, bytes: Uint8Array, start: number, end: number, _now: number): boolean {
    return decodeDatagram(bytes, start, end, header) === 0 && header.end === header.payload
  }

  /** The handshake of datagrams carries no state, so there is nothing to restore. */
  readUnkept(
    kind: number,
    _mask: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: number,
  ): boolean {
    return this.readHandshake(kind, bytes, start, end, now)
  }

  receive(bytes: Uint8Array, start: number, end: number, now: number): void {
    if (this.#isDestroyed) return
    if (this.#bundle !== undefined) {
      this.#bundle.receive(this.#bundle.first, bytes, start, end, now)
      return
    }
    if (decodeDatagram(bytes, start, end, header) !== 0) {
      this.statistics.malformed++
      return
    }
    this.deliver(bytes.subarray(header.payload, header.end))
  }

  /** A copy of `arrived` waits for the application. */
  deliver(arrived: Uint8Array): void {
    // Copies explicitly, because `Buffer.slice` would only return a view.
    const message = new Uint8Array(arrived)
    this.statistics.received++
    while (!this.#incoming.push(message)) {
      this.#incoming.shift()
      this.statistics.unread++
    }
    this.user?.onReadable?.()
  }

  send(out: Uint8Array, at: number, now: number): number {
    if (this.#isFrozen || this.#isDestroyed) return at
    if (this.#bundle !== undefined) {
      const end = this.#bundle.send(this.#bundle.first, out, at, now)
      if (end > at || this.#bundle.hasBegun) return end
    }
    const message = this.next(out.length - at)
    if (message === undefined) return at
    if (this.#bundle !== undefined) this.#bundle.first.sent++
    const payload = encodeDatagramHeader(message.length, out, at)
    out.set(message, payload)
    return payload + message.length
  }

  /** Takes the next message that fits `room` bytes with its header, and drops longer ones. */
  next(room: number): Uint8Array | undefined {
    let message = this.#outgoing.shift()
    while (message !== undefined && DATAGRAM_BYTES + message.length > room) {
      this.statistics.tooLong++
      message = this.#outgoing.shift()
    }
    if (message !== undefined) this.statistics.sent++
    this.#drain()
    return message
  }

  /** Reports room only when half of the queue is free, so that a writer can refill it in one go. */
  #drain(): void {
    if (!this.#owesDrain || this.#isFinishing || !this.#outgoing.isHalfEmpty) return
    this.#owesDrain = false
    this.user?.onDrain?.()
  }

  nextTimeout(): number {
    return Number.POSITIVE_INFINITY
  }

  expire(_now: number): void {}

  freeze(): void {
    this.#isFrozen = true
    if (this.#bundle === undefined) return
    this.#bundle.first.isFrozen = true
    this.#bundle.wake()
  }

  thaw(now: number, fresh: boolean): void {
    this.#isFrozen = false
    if (this.#bundle === undefined) return
    this.#bundle.first.isFrozen = false
    if (fresh) this.change(now)
    else this.retry(now)
  }

  /** With several flows, measures the new path. */
  change(_now: number): void {
    if (this.#bundle?.hasBegun) this.#bundle.first.restart()
  }

  /** A message is sent once. With several flows, asks whether the peer is there. */
  retry(_now: number): void {
    if (this.#bundle?.hasBegun) this.#bundle.first.ask()
  }

  finish(_now: number): void {
    this.#isFinishing = true
  }

  /** A datagram flow has no end of its own. */
  confirmEnd(_now: number): void {}

  /** Adds a flow to the connection, and returns its transport. The peer's transport must add it as well. */
  join(isBackup = false): Transport {
    return new JoinedDatagrams(this, this.#join(), isBackup)
  }

  /** The flow of `transport`, which may be this one, is over. */
  leave(transport: Transport): void {
    if (transport instanceof JoinedDatagrams) transport.destroy()
    else {
      const bundle = this.#join()
      bundle.leave(bundle.first)
    }
  }

  /** A backup carries messages only while no other flow can. Applies to this end's messages. */
  setBackup(transport: Transport, isBackup: boolean): void {
    const path = this.#bundle?.paths.find(one => one.transport === transport)
    if (path !== undefined) path.isBackup = isBackup
  }

  destroy(): void {
    this.#isDestroyed = true
    this.#bundle?.destroy()
    this.#outgoing.clear()
    this.#incoming.clear()
  }

  #join(): DatagramBundle {
    if (this.#bundle === undefined) {
      this.#bundle = new DatagramBundle(this)
      const { first } = this.#bundle
      first.isFrozen = this.#isFrozen
      first.sent = this.statistics.sent
      first.received = this.statistics.received
    }
    return this.#bundle
  }

  #wake(): void {
    if (this.#bundle === undefined) this.driver?.wake()
    else this.#bundle.wake()
  }
}
