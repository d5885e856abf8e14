/**
 * Datagrams between the two ends of a flow: messages with their boundaries, each sent once, never repeated and never
 * ordered. Every message is one packet with a UDP header inside SAL.
 *
 * Both queues are bounded. One that is full of messages to send refuses the newest: the writer is here and can wait.
 * One that is full of messages to read drops the oldest: a reader that is late wants to know what is true now.
 */
import { MessageQueue } from './messageQueue.ts'
import type { Transport } from './transport.ts'

const UDP = 17
const HEADER_BYTES = 8

/** What fits an Ethernet frame after IPv6, UDP, SAL's 12 bytes and the UDP header in it. */
export const MESSAGE_BYTES = 1500 - 40 - 8 - 12 - HEADER_BYTES

/** In each direction. A burst that the other side has not seen yet; UDP sockets have 208 KB on Linux. */
export const QUEUE_MESSAGES = 256
export const QUEUE_BYTES = 256 * 1024

/** What happened to messages, from the beginning on. */
export interface DatagramStatistics {
  readonly sent: number
  readonly received: number
  /** Written, but too many were waiting, or after `finish`. */
  readonly refused: number
  /** Received, but never read: newer ones took their places. */
  readonly dropped: number
  /** Packets that are no datagrams. */
  readonly malformed: number
}

export class DatagramTransport implements Transport {
  readonly protocol = UDP
  readonly messageLimit: number
  /** A message came. */
  onReadable: (() => void) | undefined
  /** After a refused write: there is room again. */
  onDrain: (() => void) | undefined
  onWork: (() => void) | undefined
  readonly #outgoing = new MessageQueue(QUEUE_MESSAGES, QUEUE_BYTES)
  readonly #incoming = new MessageQueue(QUEUE_MESSAGES, QUEUE_BYTES)
  readonly #statistics = { sent: 0, received: 0, refused: 0, dropped: 0, malformed: 0 }
  #isFrozen = false
  #isFinishing = false
  #isDestroyed = false
  #owesDrain = false

  /** `messageLimit`: bytes of the longest message that may be written, so that its packet fits the link. */
  constructor(messageLimit: number = MESSAGE_BYTES) {
    this.messageLimit = messageLimit
  }

  get statistics(): DatagramStatistics {
    return this.#statistics
  }

  get buffered(): number {
    return this.#outgoing.bytes + this.#incoming.bytes
  }

  /** Messages that wait to be read. */
  get readable(): number {
    return this.#incoming.size
  }

  get finished(): boolean {
    return this.#isFinishing && this.#outgoing.size === 0
  }

  /** Always: datagrams have no end of their own, and SAL's FIN has nothing to wait for. */
  readonly peerFinished = true

  /**
   * Queues a message, which belongs to the transport from here on. False: it is not taken; `onDrain` tells when there
   * is room again. Throws a RangeError if it is longer than `messageLimit`.
   */
  write(message: Uint8Array): boolean {
    if (message.length > this.messageLimit)
      throw new RangeError(`a message of ${message.length} bytes: send at most ${this.messageLimit} at once`)
    if (this.#isFinishing || this.#isDestroyed || !this.#outgoing.push(message)) {
      this.#statistics.refused++
      this.#owesDrain = true
      return false
    }
    this.onWork?.()
    return true
  }

  /** The oldest message that came, which belongs to the caller. Undefined: there is none. */
  read(): Uint8Array | undefined {
    return this.#incoming.shift()
  }

  writeHandshake(_kind: number, out: Uint8Array, at: number, _now: number): number {
    return writeHeader(out, at, 0)
  }

  readHandshake(_kind: number, bytes: Uint8Array, start: number, end: number, _now: number): boolean {
    return lengthOf(bytes, start, end) === HEADER_BYTES
  }

  receive(bytes: Uint8Array, start: number, end: number, _now: number): void {
    if (this.#isDestroyed) return
    const length = lengthOf(bytes, start, end)
    if (length < HEADER_BYTES) {
      this.#statistics.malformed++
      return
    }
    const message = bytes.slice(start + HEADER_BYTES, start + length)
    while (!this.#incoming.hasRoom(message.length)) {
      this.#incoming.shift()
      this.#statistics.dropped++
    }
    this.#incoming.push(message)
    this.#statistics.received++
    this.onReadable?.()
  }

  send(out: Uint8Array, at: number, _now: number): number {
    if (this.#isFrozen) return at
    const message = this.#outgoing.shift()
    if (message === undefined) return at
    const end = writeHeader(out, at, message.length)
    out.set(message, end)
    this.#statistics.sent++
    if (this.#owesDrain && !this.#isFinishing && this.#outgoing.isHalfEmpty) {
      this.#owesDrain = false
      this.onDrain?.()
    }
    return end + message.length
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

  destroy(): void {
    this.#isDestroyed = true
    this.#outgoing.clear()
    this.#incoming.clear()
    this.onReadable = undefined
    this.onDrain = undefined
    this.onWork = undefined
  }
}

/** Ports are 0: the flow is named outside. The checksum is left 0 for the flow to seal (RFC 768: 0 is none). */
function writeHeader(out: Uint8Array, at: number, length: number): number {
  const total = HEADER_BYTES + length
  out.fill(0, at, at + HEADER_BYTES)
  out[at + 4] = total >> 8
  out[at + 5] = total
  return at + HEADER_BYTES
}

/** The length of header and message together, or 0 if this is no datagram. */
function lengthOf(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < HEADER_BYTES) return 0
  const length = bytes[start + 4]! * 256 + bytes[start + 5]!
  return length >= HEADER_BYTES && length <= end - start ? length : 0
}
