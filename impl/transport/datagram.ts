/**
 * Datagrams between the two ends of a flow. Each message is sent once, as one packet with a UDP header inside SAL. A
 * message keeps its boundaries; it is never retransmitted or reordered.
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
import { MessageQueue } from './messageQueue.ts'
import type { Transport, TransportDriver } from './transport.ts'

const UDP = 17

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
}

/** Reused: filled and read within one call. */
const header = newDatagramHeader()

export class DatagramTransport implements Transport {
  readonly protocol = UDP
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
  }
  /** Called when a message has arrived. */
  onReadable: (() => void) | undefined
  /** Called when the queue has room again after it refused a message. */
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

  /** The number of messages waiting to be read. */
  get readable(): number {
    return this.#incoming.size
  }

  get finished(): boolean {
    return this.#isFinishing && this.#outgoing.size === 0
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
    this.driver?.wake()
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

  receive(bytes: Uint8Array, start: number, end: number, _now: number): void {
    if (this.#isDestroyed) return
    if (decodeDatagram(bytes, start, end, header) !== 0) {
      this.statistics.malformed++
      return
    }
    // Copies explicitly, because `Buffer.slice` would only return a view.
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

  /** Reports room only when half of the queue is free, so that a writer can refill it in one go. */
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

  /** Nothing is measured. */
  change(_now: number): void {}

  /** A message is sent once. */
  retry(_now: number): void {}

  finish(_now: number): void {
    this.#isFinishing = true
  }

  /** A datagram flow has no end of its own. */
  confirmEnd(_now: number): void {}

  destroy(): void {
    this.#isDestroyed = true
    this.#outgoing.clear()
    this.#incoming.clear()
  }
}
