/**
 * Datagrams between the two ends of a flow: messages with their boundaries, each sent once, never repeated, never put
 * in order. Every message is one packet with a UDP header inside SAL.
 *
 * Both queues are bounded. That of messages to send refuses the newest when it is full: who writes is here and can
 * wait. That of messages to read drops the oldest: who reads late wants to know what is true now.
 */
import {
  DATAGRAM_BYTES,
  decodeDatagram,
  encodeDatagramHeader,
  newDatagramHeader,
} from '../../spec/wire/datagram.ts'
import { MessageQueue } from './messageQueue.ts'
import type { Transport, TransportDriver } from './transport.ts'

const UDP = 17

/** What fits an Ethernet frame after IPv6, UDP, SAL's base header and the UDP header in it. */
export const MESSAGE_BYTES = 1500 - 40 - 8 - 12 - DATAGRAM_BYTES

/** Of each queue. Enough for a burst within one round of the event loop; Linux gives a UDP socket 208 KB. */
export const QUEUE_MESSAGES = 256
export const QUEUE_BYTES = 256 * 1024

/** What became of messages, from the beginning on. */
export interface DatagramStatistics {
  sent: number
  received: number
  /** Written, but not taken: too many were waiting, or it was after `finish`. */
  refused: number
  /** Taken, but longer than packets have become after a move, and dropped. */
  tooLong: number
  /** Received, but dropped unread: newer ones took their places. */
  unread: number
  /** Packets that are no datagrams. */
  malformed: number
}

/** Filled and read within one call. */
const header = newDatagramHeader()

export class DatagramTransport implements Transport {
  readonly protocol = UDP
  /** Datagrams have no end of their own: SAL's FIN has nothing to wait for. */
  readonly peerFinished = true
  /** The longest message that may be written, in bytes. */
  readonly messageLimit: number
  readonly statistics: DatagramStatistics = {
    sent: 0,
    received: 0,
    refused: 0,
    tooLong: 0,
    unread: 0,
    malformed: 0,
  }
  /** A message came. */
  onReadable: (() => void) | undefined
  /** There is room for messages again, after one was refused. */
  onDrain: (() => void) | undefined
  driver: TransportDriver | undefined
  readonly #outgoing = new MessageQueue(QUEUE_MESSAGES, QUEUE_BYTES)
  readonly #incoming = new MessageQueue(QUEUE_MESSAGES, QUEUE_BYTES)
  #isFrozen = false
  #isFinishing = false
  #isDestroyed = false
  #owesDrain = false

  constructor(messageLimit: number = MESSAGE_BYTES) {
    this.messageLimit = messageLimit
  }

  get buffered(): number {
    return this.#outgoing.bytes + this.#incoming.bytes
  }

  get bufferedToSend(): number {
    return this.#outgoing.bytes
  }

  /** How many messages wait to be read. */
  get readable(): number {
    return this.#incoming.size
  }

  get finished(): boolean {
    return this.#isFinishing && this.#outgoing.size === 0
  }

  /**
   * Queues a message, whose bytes belong to the transport from here on. False: it is not taken; `onDrain` tells when
   * there is room again, unless nothing more may be written. Throws a RangeError above `messageLimit`.
   */
  write(message: Uint8Array): boolean {
    if (message.length > this.messageLimit)
      throw new RangeError(
        `a message of ${message.length} bytes: the longest has ${this.messageLimit}, so split it`,
      )
    if (this.#isFinishing || this.#isDestroyed || !this.#outgoing.push(message)) {
      this.statistics.refused++
      this.#owesDrain = true
      return false
    }
    this.driver?.wake()
    return true
  }

  /** Takes the oldest message that came. Undefined: there is none. */
  read(): Uint8Array | undefined {
    return this.#incoming.shift()
  }

  /** A header without a message. */
  writeHandshake(_kind: number, out: Uint8Array, at: number, _now: number): number {
    return encodeDatagramHeader(0, out, at)
  }

  /** A message in it would have no flow yet, and would come again with each repetition: it is refused. */
  readHandshake(_kind: number, bytes: Uint8Array, start: number, end: number, _now: number): boolean {
    return decodeDatagram(bytes, start, end, header) === 0 && header.end === header.payload
  }

  /** The handshake says nothing that would have to be kept. */
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

  receive(bytes: Uint8Array, start: number, end: number, _now: number): void {
    if (this.#isDestroyed) return
    if (decodeDatagram(bytes, start, end, header) !== 0) {
      this.statistics.malformed++
      return
    }
    // A copy, also of a Buffer, whose own slice is none.
    const message = new Uint8Array(bytes.subarray(header.payload, header.end))
    this.statistics.received++
    while (!this.#incoming.push(message)) {
      this.#incoming.shift()
      this.statistics.unread++
    }
    this.onReadable?.()
  }

  send(out: Uint8Array, at: number, _now: number): number {
    if (this.#isFrozen || this.#isDestroyed) return at
    let message = this.#outgoing.shift()
    while (message !== undefined && at + DATAGRAM_BYTES + message.length > out.length) {
      this.statistics.tooLong++
      message = this.#outgoing.shift()
    }
    this.#drain()
    if (message === undefined) return at
    const payload = encodeDatagramHeader(message.length, out, at)
    out.set(message, payload)
    this.statistics.sent++
    return payload + message.length
  }

  /** Tells who was refused, not before half of the queue is free: each time it is worth it. */
  #drain(): void {
    if (!this.#owesDrain || this.#isFinishing || !this.#outgoing.isHalfEmpty) return
    this.#owesDrain = false
    this.onDrain?.()
  }

  nextTimeout(): number {
    return Number.POSITIVE_INFINITY
  }

  expire(_now: number): void {}

  freeze(): void {
    this.#isFrozen = true
  }

  thaw(_now: number, _fresh: boolean): void {
    this.#isFrozen = false
  }

  finish(_now: number): void {
    this.#isFinishing = true
  }

  /** Datagrams have no end of their own. */
  confirmEnd(_now: number): void {}

  destroy(): void {
    this.#isDestroyed = true
    this.#outgoing.clear()
    this.#incoming.clear()
  }
}
