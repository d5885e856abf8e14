/**
 * The path of one flow among several that carry datagrams. Nothing acknowledges datagrams, so some of them ask the peer for an answer:
 * that measures the path, and shows when it dies.
 */

import { MessageQueue } from '../messageQueue.ts'
import { RoundTrip } from '../stream/rto.ts'
import type { Transport } from '../transport.ts'
import { following } from './seenNumbers.ts'

/** The least time between questions in a flow that carries messages, ms. Usually it is a round trip. */
const LEAST_ASK_MS = 20
/** The time between questions in other flows while messages leave, ms; in a silent one it doubles up to MOST_ASK_MS. */
const SPARE_ASK_MS = 1000
const MOST_ASK_MS = 16_000
/** An answer may be this much later than the last ones, ms: the peer's process can be busy. */
const LEAST_MARGIN_MS = 20
/** How many deviations of the round trip an answer may be late. As for retransmission (RFC 6298, 2). */
const DEVIATIONS = 4

/** Limits of what waits in one flow although it has left in another one, with the scheduler `redundant`. */
const COPIES = 256
const COPY_BYTES = 256 * 1024

const NONE = -1

export class DatagramPath {
  /** As the host sees the flow. */
  readonly transport: Transport
  /** Carries messages only while no other flow can. */
  isBackup: boolean
  /** Its handshake is over. */
  isOpen: boolean
  isFrozen = false
  hasLeft = false
  /** A question has had no answer in time. */
  isSilent = false
  readonly roundTrip = new RoundTrip()
  /** Messages. */
  sent = 0
  received = 0
  /** Packets with messages that another flow has sent. */
  copies: MessageQueue | undefined
  #mustAsk = false
  /** The number of the latest question. */
  #question = NONE
  #isAnswered = true
  #askedAtMs = Number.NEGATIVE_INFINITY
  /** The number of the peer's question that has no answer yet. */
  #asked = NONE

  constructor(transport: Transport, isBackup: boolean, isOpen: boolean) {
    this.transport = transport
    this.isBackup = isBackup
    this.isOpen = isOpen
  }

  get isUsable(): boolean {
    return this.isOpen && !this.isFrozen && !this.hasLeft
  }

  /** The lower, the sooner the flow is used. */
  get rank(): number {
    return (this.isSilent ? 2 : 0) + (this.isBackup ? 1 : 0)
  }

  /** A path without a measurement counts as the slowest. */
  get roundTripMs(): number {
    const { smoothedMs } = this.roundTrip
    return smoothedMs < 0 ? Number.MAX_VALUE : smoothedMs
  }

  get buffered(): number {
    return this.copies?.bytes ?? 0
  }

  /** Notices that an answer is late. */
  look(nowMs: number): void {
    if (this.#isAnswered || this.isSilent || nowMs <= this.#askedAtMs + this.#limitMs) return
    this.isSilent = true
    this.roundTrip.backOff()
  }

  /** True if the next message should ask. */
  mayAsk(nowMs: number): boolean {
    return this.isSilent
      ? this.isSpareDue(nowMs)
      : this.#isAnswered && nowMs >= this.#askedAtMs + Math.max(LEAST_ASK_MS, this.roundTrip.smoothedMs)
  }

  /** True if it is time to ask in this flow although it carries no messages. */
  isSpareDue(nowMs: number): boolean {
    const waitMs = Math.min(MOST_ASK_MS, SPARE_ASK_MS * 2 ** Math.max(0, this.roundTrip.timeouts - 1))
    return nowMs >= this.#askedAtMs + waitMs
  }

  /** A packet without a message should ask. */
  ask(): void {
    this.#mustAsk = true
    this.transport.driver?.wake()
  }

  /** Returns the number of a question that has to leave; -1 if there is none. */
  takeQuestion(nowMs: number): number {
    if (!this.#mustAsk) return NONE
    const number = following(Math.max(0, this.#question))
    this.asks(number, nowMs)
    return number
  }

  /** A question leaves. */
  asks(number: number, nowMs: number): void {
    // The question before it may never have been looked at.
    if (!this.#isAnswered && this.isSilent) this.roundTrip.backOff()
    this.#mustAsk = false
    this.#question = number
    this.#isAnswered = false
    this.#askedAtMs = nowMs
  }

  /** The peer has answered. */
  answered(number: number, nowMs: number): void {
    if (this.#isAnswered || number !== this.#question) return
    this.#isAnswered = true
    this.isSilent = false
    this.roundTrip.sample(nowMs - this.#askedAtMs, 1, nowMs)
  }

  /** The peer asks. */
  wasAsked(number: number): void {
    this.#asked = number
  }

  /** Returns the number of the answer that has to leave; -1 if there is none. */
  takeAnswer(): number {
    const number = this.#asked
    this.#asked = NONE
    return number
  }

  /** Keeps a packet that has left in another flow. */
  repeat(packet: Uint8Array): void {
    this.copies ??= new MessageQueue(COPIES, COPY_BYTES)
    this.copies.push(packet)
    this.transport.driver?.wake()
  }

  /** The flow uses another path. */
  restart(): void {
    this.roundTrip.restart()
    this.#isAnswered = true
    this.isSilent = false
    this.ask()
  }

  get #limitMs(): number {
    const { smoothedMs, variationMs, timeoutMs } = this.roundTrip
    return smoothedMs < 0 ? timeoutMs : smoothedMs + Math.max(LEAST_MARGIN_MS, DEVIATIONS * variationMs)
  }
}
