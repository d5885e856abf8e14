/** The sending half of a stream: what leaves next (RFC 9293, 3.8). */
import type { Segment } from '../../../spec/wire/segment.ts'
import { Cubic } from './cubic.ts'
import { MOST_FLIGHT } from './limits.ts'
import { Recovery } from './recovery.ts'
import { RoundTrip } from './rto.ts'
import { PUSHED, REPEATED, Segments, WITH_FIN } from './segments.ts'
import { SendBuffer } from './sendBuffer.ts'
import { positionOf } from './serial.ts'
import type { Counters } from './statistics.ts'

/** What `choose` may find. */
export const NOTHING = 0
export const DATA = 1
/** An empty segment before what the peer expects, which it answers with its window. */
export const PROBE = 2

const NEVER = Number.POSITIVE_INFINITY

export class Outbound {
  readonly buffer = new SendBuffer(1)
  readonly segments = new Segments()
  readonly roundTrip = new RoundTrip()
  readonly cubic: Cubic
  readonly recovery: Recovery
  /** The number of our SYN. */
  readonly origin: number
  /** The first position that is not acknowledged, and the first that was never sent. */
  una = 0
  next = 0
  /** Nothing is sent from here on. */
  edge = 0
  /** Bytes of a full segment. */
  mss: number
  /** Nothing more will be written. */
  isEnding = false
  noDelay: boolean
  /** What `choose` found: its position, its length in sequence space, its flags of segments.ts. */
  start = 0
  length = 0
  flags = 0
  rtoAtMs = NEVER
  persistAtMs = NEVER
  #finAt = -1
  /** The end of the last segment that was not full (Minshall's variant of Nagle's rule). */
  #smallEnd = 0
  #largestWindow = 0
  /** Sequence and acknowledgment of the segment that last told the window. */
  #windowSeq = 0
  #windowAck = 0
  #mustProbe = false
  #mustSendLittle = false
  /** The window kept something from leaving. */
  #isLimited = false
  readonly #counters: Counters

  constructor(origin: number, mss: number, noDelay: boolean, counters: Counters) {
    this.origin = origin
    this.mss = mss
    this.noDelay = noDelay
    this.cubic = new Cubic(mss)
    this.recovery = new Recovery(this.segments, this.cubic, counters)
    this.#counters = counters
  }

  /** Bytes that were written and never sent. */
  get unsent(): number {
    return this.buffer.end - Math.min(this.next, this.buffer.end)
  }

  /** The end was sent, and it is acknowledged. */
  get isDone(): boolean {
    return this.#finAt >= 0 && this.una > this.#finAt
  }

  get peerWindow(): number {
    return Math.max(0, this.edge - this.una)
  }

  /** The peer's SYN was read. */
  open(window: number): void {
    this.edge = 1 + window
    this.#largestWindow = window
    this.#windowAck = 1
  }

  /** Bytes of a full segment from now on. */
  resize(mss: number): void {
    this.mss = mss
    this.cubic.resize(mss)
  }

  clear(): void {
    this.buffer.clear()
    this.segments.clear()
    this.rtoAtMs = this.persistAtMs = NEVER
  }

  /** Finds what leaves now. `room`: bytes that fit. */
  choose(room: number, nowMs: number): number {
    if (this.una === 0) return NOTHING
    if (this.segments.lost > 0) {
      const place = this.segments.firstLost()
      const length = this.segments.length[place]!
      const { pipe } = this.recovery
      if (length <= room && (pipe === 0 || pipe + length <= this.cubic.window))
        return this.#repeat(place, nowMs)
      return NOTHING
    }
    if (this.#mustProbe) {
      this.#mustProbe = false
      this.#counters.windowProbes++
      this.start = this.next - 1
      this.length = 0
      this.flags = 0
      return PROBE
    }
    const available = this.buffer.end - this.next
    if (available <= 0 && !(this.isEnding && this.#finAt < 0)) {
      this.#isLimited = false
      return NOTHING
    }
    return this.#chooseNew(Math.max(0, available), Math.min(room, this.mss), nowMs)
  }

  #chooseNew(available: number, full: number, nowMs: number): number {
    const { segments } = this
    const window = this.edge - this.next
    const { pipe } = this.recovery
    const want = Math.min(available, full)
    const size = Math.min(want, window)
    const isLast = size === available
    if (segments.isFull || segments.flight + size > MOST_FLIGHT) return NOTHING
    if (pipe > 0 && pipe + size > this.cubic.window) {
      this.#isLimited = true
      return NOTHING
    }
    if (window <= 0 || (size < want && !this.#mustSendLittle && size < this.#largestWindow / 2)) {
      this.#isLimited = false
      // RFC 9293, 3.8.6.1: nothing is under way that would bring the window, so it is asked for.
      if (segments.flight === 0 && this.persistAtMs === NEVER)
        this.persistAtMs = nowMs + this.roundTrip.timeoutMs
      return NOTHING
    }
    const withFin = this.isEnding && isLast && size < window
    if (size === 0 && !withFin) return NOTHING
    // RFC 9293, 3.7.4: one segment that is not full may be under way.
    if (size < full && isLast && !this.isEnding && !this.noDelay && this.#smallEnd > this.una) {
      this.#isLimited = false
      return NOTHING
    }
    this.#sendNew(size, full, withFin, isLast, nowMs)
    return DATA
  }

  #sendNew(size: number, full: number, withFin: boolean, isLast: boolean, nowMs: number): void {
    const { segments } = this
    this.#mustSendLittle = false
    this.persistAtMs = NEVER
    this.start = this.next
    this.length = size + (withFin ? 1 : 0)
    this.flags = (withFin ? WITH_FIN : 0) | (isLast ? PUSHED : 0)
    if (segments.flight === 0) this.rtoAtMs = nowMs + this.roundTrip.timeoutMs
    segments.push(this.start, this.length, this.flags, nowMs)
    this.next += this.length
    if (withFin) this.#finAt = this.next - 1
    if (size < full) this.#smallEnd = this.next
    this.#counters.bytesSent += size
  }

  #repeat(place: number, nowMs: number): number {
    const { segments } = this
    this.start = segments.start[place]!
    this.length = segments.length[place]!
    this.flags = segments.flags[place]!
    segments.resend(place, nowMs)
    if (this.rtoAtMs === NEVER) this.rtoAtMs = nowMs + this.roundTrip.timeoutMs
    this.#counters.segmentsRepeated++
    this.#counters.bytesRepeated += this.length
    return DATA
  }

  /** Takes the acknowledgment and the window of an accepted segment (RFC 9293, 3.10.7.4). True when bytes were acknowledged. */
  acknowledge(segment: Segment, seq: number, isBare: boolean, window: number, nowMs: number): boolean {
    const ack = positionOf(segment.ack, this.origin, this.una)
    if (ack > this.next || ack < this.una - MOST_FLIGHT) {
      this.#counters.wrongAcknowledgments++
      return false
    }
    const edge = this.edge
    this.#updateWindow(seq, ack, window)
    if (ack < this.una) return false
    if (ack === this.una) {
      if (isBare && edge === this.edge && this.segments.flight > 0)
        this.recovery.duplicate(this.next, this.mss)
      return false
    }
    this.#advance(ack, nowMs)
    return true
  }

  #advance(ack: number, nowMs: number): void {
    const { segments, roundTrip } = this
    const { pipe } = this.recovery
    const acknowledged = ack - this.una
    let sentAtMs = -1
    let isRepeated = false
    while (segments.count > 0) {
      const place = segments.head & segments.mask
      const start = segments.start[place]!
      if (start >= ack) break
      if (start + segments.length[place]! > ack) {
        segments.trim(ack)
        break
      }
      if (segments.flags[place]! & REPEATED) isRepeated = true
      else sentAtMs = segments.sentAtMs[place]!
      segments.shift()
    }
    this.una = ack
    this.buffer.drop(ack)
    if (sentAtMs >= 0 && !isRepeated) roundTrip.sample(nowMs - sentAtMs, pipe / (2 * this.mss))
    if (this.recovery.state !== 1 && this.#isLimited)
      this.cubic.grow(acknowledged, nowMs, Math.max(0, roundTrip.smoothedMs), 1)
    this.recovery.advance(ack)
    this.rtoAtMs = segments.flight > 0 ? nowMs + roundTrip.timeoutMs : NEVER
  }

  /** RFC 9293, 3.10.7.4: only a segment that is not older than the one before may change the window. */
  #updateWindow(seq: number, ack: number, window: number): void {
    if (ack < this.#windowAck || seq < this.#windowSeq) return
    this.#windowSeq = seq
    this.#windowAck = ack
    const edge = ack + window
    if (edge < this.edge) this.#counters.shrunkWindows++
    if (edge > this.edge && this.persistAtMs !== NEVER) this.persistAtMs = NEVER
    this.edge = edge
    if (window > this.#largestWindow) this.#largestWindow = window
  }

  /** Does what is due. */
  expire(nowMs: number): void {
    if (nowMs >= this.persistAtMs) {
      this.#counters.timeouts++
      this.roundTrip.backOff()
      if (this.edge > this.next) this.#mustSendLittle = true
      else this.#mustProbe = true
      this.persistAtMs = nowMs + this.roundTrip.timeoutMs
    }
    if (nowMs >= this.rtoAtMs) {
      this.#counters.timeouts++
      this.roundTrip.backOff()
      this.rtoAtMs = nowMs + this.roundTrip.timeoutMs
      this.recovery.timeOut(this.next)
    }
  }

  thaw(nowMs: number, isFresh: boolean): void {
    if (isFresh) {
      this.roundTrip.restart()
      this.cubic.restart()
      this.recovery.restart()
      this.recovery.loseAll()
    }
    if (this.segments.flight > 0) this.rtoAtMs = nowMs + this.roundTrip.timeoutMs
    if (this.persistAtMs !== NEVER) {
      this.persistAtMs = nowMs + this.roundTrip.timeoutMs
      if (isFresh) this.#mustProbe = true
    }
  }
}
