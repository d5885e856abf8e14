/**
 * The flows that carry the datagrams of one connection together. Each message has a number, by which the receiver recognizes
 * duplicates. Nothing is retransmitted or put in order.
 */
import {
  decodeDatagram,
  encodeDatagramHeader,
  LABEL_ANSWERS,
  LABEL_ASKS,
  LABEL_FLAGS,
  LABEL_NUMBERED,
  MOST_NUMBER,
  newDatagramHeader,
} from '../../../spec/wire/datagram.ts'
import { write32 } from '../../../spec/wire/numbers.ts'
import type { SchedulerName } from '../stream/bundle/scheduler.ts'
import type { SharedTransport, Transport } from '../transport.ts'
import { DatagramPath } from './path.ts'
import { FRESH, following, REPEATED, SeenNumbers } from './seenNumbers.ts'

/** The connection's datagrams, as its flows see them. */
export interface Whole extends SharedTransport {
  readonly scheduler: SchedulerName
  /** Messages that wait to be sent. */
  readonly waiting: number
  /** The application has finished, and none waits. */
  readonly isDrained: boolean
  readonly statistics: { sent: number; repeated: number; stale: number; malformed: number }
  /** Returns the next message of at most `room` bytes; undefined if there is none. */
  next(room: number): Uint8Array | undefined
  deliver(message: Uint8Array): void
}

/** Reused: filled and read within one call. */
const header = newDatagramHeader()

export class DatagramBundle {
  readonly paths: DatagramPath[] = []
  /** The connection began with this flow. */
  readonly first: DatagramPath
  /** The peer knows of several flows: from now on messages have numbers. */
  hasBegun = false
  readonly #whole: Whole
  readonly #seen = new SeenNumbers()
  #next = 0

  constructor(whole: Whole) {
    this.#whole = whole
    this.first = this.add(whole, false, true)
  }

  add(transport: Transport, isBackup: boolean, isOpen: boolean): DatagramPath {
    const path = new DatagramPath(transport, isBackup, isOpen)
    this.paths.push(path)
    return path
  }

  /** A further flow is open. */
  opened(path: DatagramPath): void {
    if (path.isOpen) return
    path.isOpen = true
    path.ask()
    if (!this.hasBegun) this.first.ask()
    this.hasBegun = true
    this.wake()
  }

  /** The flow is over. */
  leave(path: DatagramPath): void {
    if (path.hasLeft) return
    path.hasLeft = true
    path.copies?.clear()
    this.paths.splice(this.paths.indexOf(path), 1)
    this.wake()
  }

  wake(): void {
    for (const { transport } of this.paths) transport.driver?.wake()
  }

  /**
   * Writes the next packet of a flow. Returns the offset after it, or `at` if there is none. The peer may ask before this end knows that
   * a further flow is open: its ACK got lost.
   */
  send(path: DatagramPath, out: Uint8Array, at: number, nowMs: number): number {
    if (!path.isUsable) return at
    const answer = path.takeAnswer()
    if (answer >= 0) return encodeDatagramHeader(0, out, at, LABEL_ANSWERS | answer)
    const question = path.takeQuestion(nowMs)
    if (question >= 0) return encodeDatagramHeader(0, out, at, LABEL_ASKS | question)
    const copy = path.copies?.shift()
    if (copy !== undefined) return this.#sendCopy(path, copy, out, at, nowMs)
    if (!this.hasBegun || this.#whole.waiting === 0 || !this.#isTurnOf(path, nowMs)) return at
    return this.#sendNext(path, out, at, nowMs)
  }

  /** Takes a packet that has arrived in a flow. */
  receive(path: DatagramPath, bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    const { statistics } = this.#whole
    this.opened(path)
    if (decodeDatagram(bytes, start, end, header) !== 0) {
      statistics.malformed++
      return
    }
    const { label, payload } = header
    const flags = (label & LABEL_FLAGS) >>> 0
    const number = label & MOST_NUMBER
    const isEmpty = header.end === payload
    if (flags === LABEL_ANSWERS && isEmpty) {
      path.answered(number, nowMs)
      return
    }
    const asks = flags === LABEL_ASKS && isEmpty
    if (!asks && label !== 0 && (flags & ~LABEL_ASKS) >>> 0 !== LABEL_NUMBERED) {
      statistics.malformed++
      return
    }
    if (flags & LABEL_ASKS) path.wasAsked(number)
    if (!asks) this.#take(path, flags, number, bytes.subarray(payload, header.end))
  }

  destroy(): void {
    for (const path of this.paths) path.hasLeft = true
    this.paths.length = 0
  }

  /** Takes a message, which the peer sent without a number before it knew of several flows. */
  #take(path: DatagramPath, flags: number, number: number, message: Uint8Array): void {
    const { statistics } = this.#whole
    path.received++
    const taken = flags === 0 ? FRESH : this.#seen.take(number)
    if (taken === FRESH) this.#whole.deliver(message)
    else if (taken === REPEATED) statistics.repeated++
    else statistics.stale++
  }

  #sendNext(path: DatagramPath, out: Uint8Array, at: number, nowMs: number): number {
    const message = this.#whole.next(out.length - at)
    if (message === undefined) return at
    const number = this.#next
    this.#next = following(number)
    const payload = encodeDatagramHeader(message.length, out, at, LABEL_NUMBERED | number)
    out.set(message, payload)
    const end = payload + message.length
    if (this.#whole.scheduler === 'redundant') this.#copy(path, out, at, end)
    this.#leaves(path, number, out, at, nowMs)
    return end
  }

  #sendCopy(path: DatagramPath, copy: Uint8Array, out: Uint8Array, at: number, nowMs: number): number {
    out.set(copy, at)
    decodeDatagram(out, at, at + copy.length, header)
    this.#leaves(path, header.label & MOST_NUMBER, out, at, nowMs)
    return at + copy.length
  }

  /** A message leaves: at times it asks for an answer. */
  #leaves(path: DatagramPath, number: number, out: Uint8Array, at: number, nowMs: number): void {
    path.sent++
    if (!path.mayAsk(nowMs)) return
    path.asks(number, nowMs)
    write32(out, at, LABEL_NUMBERED | LABEL_ASKS | number)
  }

  #copy(path: DatagramPath, out: Uint8Array, at: number, end: number): void {
    const packet = new Uint8Array(out.subarray(at, end))
    for (const other of this.paths) if (other !== path && other.isUsable) other.repeat(packet)
  }

  /** True if this flow should carry the next message; otherwise wakes the one that should. */
  #isTurnOf(path: DatagramPath, nowMs: number): boolean {
    for (const other of this.paths) if (other.isUsable) other.look(nowMs)
    let best = path
    for (const other of this.paths) if (other.isUsable && this.#isBefore(other, best)) best = other
    for (const other of this.paths)
      if (other !== best && other.isUsable && other.isSpareDue(nowMs)) other.ask()
    if (best === path || this.#whole.scheduler === 'redundant') return true
    best.transport.driver?.wake()
    return false
  }

  #isBefore(a: DatagramPath, b: DatagramPath): boolean {
    if (a.rank !== b.rank) return a.rank < b.rank
    if (this.#whole.scheduler === 'backup' || a.roundTripMs === b.roundTripMs)
      return this.paths.indexOf(a) < this.paths.indexOf(b)
    return a.roundTripMs < b.roundTripMs
  }
}
