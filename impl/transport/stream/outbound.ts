/** The part of the sending half that exists as long as the stream. flight.ts holds what is in flight. */
import type { Segment } from '../../../spec/wire/segment.ts'
import type { Mapping } from './bundle/mapping.ts'
import { Cubic } from './cubic.ts'
import { Flight, NOTHING } from './flight.ts'
import { FLOOR_MSS, INITIAL_SEGMENTS } from './limits.ts'
import { RoundTrip } from './rto.ts'
import { SendBuffer } from './sendBuffer.ts'
import { SizeSearch } from './sizeSearch.ts'
import type { Counters } from './statistics.ts'
import type { Timestamps } from './timestamps.ts'

export class Outbound {
  /** The bytes to send; with several flows, this flow's part of the data. */
  buffer: SendBuffer | Mapping = new SendBuffer(1)
  readonly roundTrip = new RoundTrip()
  readonly cubic: Cubic
  /** Undefined while nothing is in flight or withheld. */
  flight: Flight | undefined
  /** The sequence number of our SYN, signed: V8 allocates an object for a number beyond 31 bits. */
  origin: number
  /** The first unacknowledged position, and the first that was never sent. */
  una = 0
  next = 0
  /** The position from which the peer's window is closed, and the largest window it ever offered. */
  edge = 0
  largestWindow = 0
  /** The shift of the peer's windows; -1: windows of both ends are unscaled, because not both offered scaling. */
  scale = 0
  /** The size of a full segment in bytes: what the path is known to carry. */
  mss: number
  /** The size that both ends can take. */
  mostMss: number
  /** What options take of every segment. */
  optionBytes = 0
  /** From this position on, the flow has shown that longer segments are worth a search. */
  searchFrom = 0
  /** Undefined before the search, and after it if the path carries the longest segments. */
  search: SizeSearch | undefined
  /** Until `open`: selective acknowledgments are offered. From then on: they are agreed on. */
  hasSack: boolean
  /** The application has finished writing. */
  isEnding = false
  noDelay: boolean
  /** Data sent before this position filled the congestion window: only its acknowledgment may enlarge the window. */
  usedUntil = 0
  /** The position of our FIN; -1 before it is sent. */
  finAt = -1
  /** The end of the last segment that was not full. */
  smallEnd = 0
  /** When the last non-empty segment left. NaN after a retransmitted SYN, which measures nothing (Karn). */
  sentAtMs = Number.NaN
  readonly timestamps: Timestamps
  readonly counters: Counters
  readonly #baseMss: number
  /** The peer may acknowledge no more than this in the flow, for ever, because the rest arrived by others. */
  #abandonedAt: number | undefined
  /** Sequence and acknowledgment of the segment that last updated the window. */
  #windowSeq = 0
  #windowAck = 0

  constructor(
    {
      initialSequence,
      mss,
      baseMss,
      noDelay,
      sack,
    }: {
      readonly initialSequence: number
      readonly mss: number
      readonly baseMss: number
      readonly noDelay: boolean
      readonly sack: boolean
    },
    timestamps: Timestamps,
    counters: Counters,
  ) {
    this.origin = initialSequence | 0
    this.mss = this.mostMss = mss
    this.#baseMss = baseMss
    this.noDelay = noDelay
    this.hasSack = sack
    this.cubic = new Cubic(mss)
    this.timestamps = timestamps
    this.counters = counters
  }

  /** Bytes of memory that unacknowledged data takes. */
  get memory(): number {
    return this.buffer.memory + (this.flight?.segments.memory ?? 0)
  }

  /** Bytes written but never sent. */
  get unsent(): number {
    return Math.max(0, this.buffer.end - this.next)
  }

  /** True if the FIN was sent and acknowledged. */
  get isDone(): boolean {
    return this.finAt >= 0 && this.una > this.finAt
  }

  get hasUnsent(): boolean {
    return this.buffer.end > this.next || (this.isEnding && this.finAt < 0)
  }

  /** Takes the options of the peer's SYN. Both ends can take segments of `most` bytes, of which options take `optionBytes`. */
  open({ window, windowScale, sackPermitted }: Segment, most: number, optionBytes: number): void {
    this.edge = 1 + window
    this.largestWindow = window
    this.scale = windowScale
    this.optionBytes = optionBytes
    this.mostMss = most - optionBytes
    this.hasSack = this.hasSack && sackPermitted === 1
    this.#resize(this.#baseMss)
  }

  /** From now on this flow sends its part of the data of several. `header`: bytes that each segment loses. */
  share(mapping: Mapping, header: number): void {
    this.buffer = mapping
    this.optionBytes += header
    this.mostMss -= header
    this.mss -= header
    this.search = undefined
    this.cubic.resize(this.mss)
    if (this.finAt < 0) this.isEnding = false
    // The window is the data's: no segment of this flow is new enough to change it.
    this.#windowAck = Number.POSITIVE_INFINITY
  }

  /** All data has arrived, perhaps by other flows: what is in flight here is needed no more. */
  abandon(): void {
    if (this.una === 0 || this.flight === undefined) return
    this.#abandonedAt = Math.min(this.una, this.#abandonedAt ?? this.una)
    this.una = this.next
    this.flight.segments.clear()
    this.flight = undefined
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

  /** False for a position that was never sent or is long past (RFC 9293, 3.10.7.4; RFC 5961, 5.2). */
  mayAcknowledge(ack: number): boolean {
    const least = this.una === 0 ? 1 : Math.min(this.una - this.largestWindow, this.#abandonedAt ?? this.una)
    if (ack <= this.next && ack >= least) return true
    this.counters.unusual.wrongAcknowledgments++
    return false
  }

  /**
   * Takes acknowledgment and window of a segment that passed every check. `seq` is its position, `ack` what it
   * acknowledges; `isBare`: it has neither bytes nor FIN. Returns true if bytes were acknowledged cumulatively.
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

  /** The flow has moved to a new, unknown path; everything in flight is lost on the old one. */
  restart(isLost: boolean): void {
    this.#resize(this.#baseMss)
    this.roundTrip.restart()
    this.cubic.restart()
    this.flight?.restart(isLost)
  }

  /** Returns the size of the probe that is due, or 0. Without SACK the peer could not report it. */
  probeSize(nowMs: number): number {
    if (!this.hasSack || this.finAt >= 0 || this.una < this.searchFrom) return 0
    this.search ??= new SizeSearch(this.mss, this.mostMss, this.optionBytes)
    return this.search.due(nowMs)
  }

  /** The path has proved that it carries segments of `size` bytes. */
  enlarge(size: number): void {
    this.mss = size
    if (size === this.mostMss) this.search = undefined
    this.cubic.resize(size)
  }

  /**
   * The same segment has timed out again: the path may not carry its size any more (RFC 8899, 4.3). A peer that asks for shorter
   * segments than the base knows its path.
   */
  shrink(): void {
    const base = this.#baseMss - this.optionBytes
    if (this.mss >= base) this.#resize(this.mss > base ? this.#baseMss : FLOOR_MSS)
  }

  clear(): void {
    this.buffer.clear()
    this.flight?.segments.clear()
    this.flight = undefined
  }

  /** Begins with segments of `size` bytes, options included, and searches for longer ones when they have arrived. */
  #resize(size: number): void {
    this.mss = Math.min(this.mostMss, size - this.optionBytes)
    this.search = undefined
    this.searchFrom = this.una + INITIAL_SEGMENTS * this.mss
    this.cubic.resize(this.mss)
  }

  /** Only a segment no older than the last one may change the window (RFC 9293, 3.10.7.4). */
  #updateWindow(seq: number, ack: number, told: number): void {
    if (ack < this.#windowAck || (ack === this.#windowAck && seq < this.#windowSeq)) return
    const unit = 1 << Math.max(0, this.scale)
    const window = told * unit
    const edge = ack + window
    this.#windowSeq = seq
    this.#windowAck = ack
    // Scaling rounds away less than one unit (RFC 7323, 2.4).
    if (edge <= this.edge - unit) this.counters.unusual.shrunkWindows++
    if (edge > this.edge) this.flight?.timers.windowOpened()
    this.edge = edge
    if (window > this.largestWindow) this.largestWindow = window
  }
}
