/** The sending half of a stream, as far as it lasts: what is under way stands in flight.ts. */
import type { Segment } from '../../../spec/wire/segment.ts'
import { Cubic } from './cubic.ts'
import { Flight, NOTHING } from './flight.ts'
import { RoundTrip } from './rto.ts'
import { SendBuffer } from './sendBuffer.ts'
import type { Counters } from './statistics.ts'
import type { Timestamps } from './timestamps.ts'

export class Outbound {
  readonly buffer = new SendBuffer(1)
  readonly roundTrip = new RoundTrip()
  readonly cubic: Cubic
  /** Undefined while nothing is under way, and nothing is kept from leaving. */
  flight: Flight | undefined
  /** The number of our SYN. */
  origin: number
  /** The first position that is not acknowledged, and the first that was never sent. */
  una = 0
  next = 0
  /** Nothing new is sent from here on, and the largest window that the peer ever had. */
  edge = 0
  largestWindow = 0
  /** The peer's windows are shifted by so much; -1: neither end's are, because not both said so. */
  scale = 0
  /** Bytes of a full segment. */
  mss: number
  /** Selective acknowledgments are offered; from `open` on, agreed on. */
  hasSack: boolean
  /** Nothing more will be written. */
  isEnding = false
  noDelay: boolean
  /** What was sent before this position left the congestion window no room: only its acknowledgment may enlarge it. */
  usedUntil = 0
  /** Where our end stands; -1 before it was sent. */
  finAt = -1
  /** The end of the last segment that was not full. */
  smallEnd = 0
  /** When a segment with something in it left last; NaN: a SYN that was repeated, which measures nothing (Karn). */
  sentAtMs = Number.NaN
  readonly timestamps: Timestamps
  readonly counters: Counters
  /** Sequence and acknowledgment of the segment that last told the window. */
  #windowSeq = 0
  #windowAck = 0

  constructor(
    {
      initialSequence,
      mss,
      noDelay,
      sack,
    }: {
      readonly initialSequence: number
      readonly mss: number
      readonly noDelay: boolean
      readonly sack: boolean
    },
    timestamps: Timestamps,
    counters: Counters,
  ) {
    this.origin = initialSequence
    this.mss = mss
    this.noDelay = noDelay
    this.hasSack = sack
    this.cubic = new Cubic(mss)
    this.timestamps = timestamps
    this.counters = counters
  }

  /** Bytes of memory that the unacknowledged take. */
  get memory(): number {
    return this.buffer.memory + (this.flight?.segments.memory ?? 0)
  }

  /** Bytes that were written and never sent. */
  get unsent(): number {
    return Math.max(0, this.buffer.end - this.next)
  }

  /** The end was sent, and it is acknowledged. */
  get isDone(): boolean {
    return this.finAt >= 0 && this.una > this.finAt
  }

  get hasUnsent(): boolean {
    return this.buffer.end > this.next || (this.isEnding && this.finAt < 0)
  }

  /** The peer's SYN was read. */
  open({ window, windowScale, sackPermitted }: Segment, mss: number): void {
    this.edge = 1 + window
    this.largestWindow = window
    this.scale = windowScale
    this.mss = mss
    this.hasSack = this.hasSack && sackPermitted === 1
    this.cubic.resize(mss)
  }

  /** Finds what leaves now: see `Flight.choose`. `room`: bytes that fit. */
  choose(room: number, nowMs: number): number {
    if (this.una === 0) return NOTHING
    return this.flight !== undefined || this.hasUnsent ? this.fly().choose(room, nowMs) : NOTHING
  }

  fly(): Flight {
    this.flight ??= new Flight(this)
    return this.flight
  }

  /** False for what was never sent, and for what is long past (RFC 9293, 3.10.7.4; RFC 5961, 5.2). */
  mayAcknowledge(ack: number): boolean {
    const least = this.una === 0 ? 1 : this.una - this.largestWindow
    if (ack <= this.next && ack >= least) return true
    this.counters.unusual.wrongAcknowledgments++
    return false
  }

  /**
   * Takes acknowledgment and window of a segment that passed every check. `seq`: its position; `ack`: what it
   * acknowledges; `isBare`: it has neither bytes nor end. True when bytes were acknowledged in order.
   */
  acknowledge(segment: Segment, seq: number, ack: number, isBare: boolean, nowMs: number): boolean {
    const { edge } = this
    this.#updateWindow(seq, ack, segment.window)
    if (ack < this.una || (this.flight === undefined && segment.sackCount === 0)) return false
    const flight = this.fly()
    const hasAdvanced = flight.acknowledgments.take(segment, ack, isBare, edge === this.edge, nowMs)
    if (flight.isOver) this.flight = undefined
    return hasAdvanced
  }

  /** Another path: nothing is known of it, and what is under way is lost on the old one. */
  restart(): void {
    this.roundTrip.restart()
    this.cubic.restart()
    this.flight?.restart()
  }

  clear(): void {
    this.buffer.clear()
    this.flight?.segments.clear()
    this.flight = undefined
  }

  /** RFC 9293, 3.10.7.4: only a segment that is not older than the one before may change the window. */
  #updateWindow(seq: number, ack: number, told: number): void {
    if (ack < this.#windowAck || (ack === this.#windowAck && seq < this.#windowSeq)) return
    const unit = 1 << Math.max(0, this.scale)
    const window = told * unit
    const edge = ack + window
    this.#windowSeq = seq
    this.#windowAck = ack
    // Less than a unit is rounded away when a window is told (RFC 7323, 2.4).
    if (edge <= this.edge - unit) this.counters.unusual.shrunkWindows++
    if (edge > this.edge) this.flight?.timers.windowOpened()
    this.edge = edge
    if (window > this.largestWindow) this.largestWindow = window
  }
}
