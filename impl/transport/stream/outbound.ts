/** The sending half of a stream: what leaves next (RFC 9293, 3.8). */
import { Cubic } from './cubic.ts'
import { MOST_FLIGHT } from './limits.ts'
import { Pacer } from './pacer.ts'
import { Rack } from './rack.ts'
import { Recovery } from './recovery.ts'
import { RoundTrip } from './rto.ts'
import { Scoreboard } from './scoreboard.ts'
import { PUSHED, SACKED, Segments, WITH_FIN } from './segments.ts'
import { SendBuffer } from './sendBuffer.ts'
import { SendTimers } from './sendTimers.ts'
import type { Counters } from './statistics.ts'
import type { Timestamps } from './timestamps.ts'

/** What `choose` may find. */
export const NOTHING = 0
export const DATA = 1
/** An empty segment before what the peer expects, which it answers with its window. */
export const PROBE = 2

export class Outbound {
  readonly buffer = new SendBuffer(1)
  readonly segments = new Segments()
  readonly roundTrip = new RoundTrip()
  readonly pacer = new Pacer()
  readonly scoreboard = new Scoreboard()
  readonly cubic: Cubic
  readonly recovery: Recovery
  readonly rack: Rack
  readonly timers: SendTimers
  /** The number of our SYN. */
  readonly origin: number
  /** The first position that is not acknowledged, and the first that was never sent. */
  una = 0
  next = 0
  /** Nothing new is sent from here on, and the largest window that the peer ever had. */
  edge = 0
  largestWindow = 0
  /** Bytes of a full segment. */
  mss: number
  hasSack = false
  /** Nothing more will be written. */
  isEnding = false
  noDelay: boolean
  /** The congestion window, and nothing else, kept something from leaving: only then may it grow. */
  isLimited = false
  /** What `choose` found: its position, its length in sequence space, its flags of segments.ts. */
  start = 0
  length = 0
  flags = 0
  /** Where our end stands; -1 before it was sent. */
  #finAt = -1
  /** The end of the last segment that was not full. */
  #smallEnd = 0
  #sentAtMs = 0
  readonly #timestamps: Timestamps
  readonly #counters: Counters

  constructor(origin: number, mss: number, noDelay: boolean, timestamps: Timestamps, counters: Counters) {
    this.origin = origin
    this.mss = mss
    this.noDelay = noDelay
    this.cubic = new Cubic(mss)
    this.recovery = new Recovery(this.segments, this.cubic, counters)
    this.rack = new Rack(this.roundTrip, timestamps)
    this.timers = new SendTimers(this, counters)
    this.#timestamps = timestamps
    this.#counters = counters
  }

  /** Bytes that were written and never sent. */
  get unsent(): number {
    return Math.max(0, this.buffer.end - this.next)
  }

  /** The end was sent, and it is acknowledged. */
  get isDone(): boolean {
    return this.#finAt >= 0 && this.una > this.#finAt
  }

  get hasUnsent(): boolean {
    return this.buffer.end > this.next || (this.isEnding && this.#finAt < 0)
  }

  /** The peer's SYN was read. */
  open(window: number, mss: number, hasSack: boolean): void {
    this.edge = 1 + window
    this.largestWindow = window
    this.mss = mss
    this.hasSack = hasSack
    this.cubic.resize(mss)
  }

  /** Finds what leaves now. `room`: bytes that fit. */
  choose(room: number, nowMs: number): number {
    if (this.una === 0) return NOTHING
    const { timers, segments, recovery } = this
    if (timers.tail.isDue) {
      timers.tail.isDue = false
      return this.#probeTail(room, nowMs)
    }
    if (segments.lost > 0) {
      const place = segments.firstLost()
      const { pipe } = recovery
      if (segments.length[place]! > room) return NOTHING
      if (pipe > 0 && pipe + segments.length[place]! > recovery.window) {
        this.isLimited = true
        return NOTHING
      }
      return this.#isPaced(nowMs) ? NOTHING : this.#repeat(place, nowMs)
    }
    if (timers.mustProbeWindow) {
      timers.mustProbeWindow = false
      this.#counters.windowProbes++
      this.start = this.next - 1
      this.length = 0
      this.flags = 0
      return PROBE
    }
    if (!this.hasUnsent) {
      this.isLimited = false
      return NOTHING
    }
    return this.#chooseNew(Math.min(room, this.mss), false, nowMs)
  }

  /** Another path: nothing is known of it, and what is under way is lost on the old one. */
  restart(): void {
    this.roundTrip.restart()
    this.cubic.restart()
    this.recovery.restart(this.next)
    this.rack.restart()
    this.pacer.restart()
    this.segments.loseAll()
  }

  clear(): void {
    this.buffer.clear()
    this.segments.clear()
    this.timers.stop()
  }

  /** `isForced`: whatever the congestion window says. */
  #chooseNew(full: number, isForced: boolean, nowMs: number): number {
    const { segments, recovery, timers } = this
    const available = Math.max(0, this.buffer.end - this.next)
    const window = this.edge - this.next
    const want = Math.min(available, full)
    const size = Math.min(want, window)
    if (segments.isFull || segments.flight + size > MOST_FLIGHT) return NOTHING
    // RFC 9293, 3.8.6.2.1: no small pieces, unless that is half of what the peer ever had room for, or waited long.
    if (window <= 0 || (size < want && !timers.mustSendLittle && size < this.largestWindow / 2)) {
      this.isLimited = false
      timers.waitForWindow(nowMs)
      return NOTHING
    }
    const isLast = size === available
    const withFin = this.isEnding && isLast && size < window
    if (size === 0 && !withFin) return NOTHING
    // RFC 9293, 3.7.4, as Minshall has it: only one segment that is not full is under way.
    if (size < full && isLast && !this.isEnding && !this.noDelay && this.#smallEnd > this.una) {
      this.isLimited = false
      return NOTHING
    }
    if (!isForced) {
      if (segments.flight === 0) this.cubic.rest(nowMs - this.#sentAtMs, this.roundTrip.timeoutMs)
      const { pipe } = recovery
      if (pipe > 0 && pipe + size > recovery.window) {
        this.isLimited = true
        return NOTHING
      }
      if (this.#isPaced(nowMs)) return NOTHING
    }
    if (size < full) this.#smallEnd = this.next + size
    this.#sendNew(size, (withFin ? WITH_FIN : 0) | (isLast ? PUSHED : 0), nowMs)
    return DATA
  }

  #sendNew(size: number, flags: number, nowMs: number): void {
    const { segments } = this
    this.start = this.next
    this.length = size + (flags & WITH_FIN ? 1 : 0)
    this.flags = flags
    segments.push(this.start, this.length, flags, nowMs)
    this.next += this.length
    if (flags & WITH_FIN) this.#finAt = this.next - 1
    this.#counters.bytesSent += size
    this.#left(false, nowMs)
    this.timers.sentNew(nowMs)
  }

  #repeat(place: number, nowMs: number): number {
    const { segments } = this
    this.start = segments.start[place]!
    this.length = segments.length[place]!
    this.flags = segments.flags[place]!
    segments.resend(place, nowMs)
    this.#counters.segmentsRepeated++
    this.#counters.bytesRepeated += this.length
    this.#left(true, nowMs)
    this.timers.repeated(nowMs)
    return DATA
  }

  #left(isRepeated: boolean, nowMs: number): void {
    this.#sentAtMs = nowMs
    this.pacer.sent(this.length)
    this.recovery.sent(this.length, isRepeated, this.#timestamps.value(nowMs))
  }

  /** RFC 8985, 7.3: something new, or the last once more. Of a peer without SACK the first, which says more to it. */
  #probeTail(room: number, nowMs: number): number {
    const { segments, timers } = this
    const before = this.next
    if (this.hasUnsent && this.#chooseNew(Math.min(room, this.mss), true, nowMs) === DATA) {
      timers.probedTail(this.next, false, nowMs)
      return DATA
    }
    if (segments.count === 0) return NOTHING
    const place = (this.hasSack ? segments.tail - 1 : segments.head) & segments.mask
    if (segments.flags[place]! & SACKED || segments.length[place]! > room) return NOTHING
    this.#repeat(place, nowMs)
    timers.probedTail(before, true, nowMs)
    return DATA
  }

  #isPaced(nowMs: number): boolean {
    const { cubic, roundTrip } = this
    return !this.pacer.allows(this.mss, cubic.window, roundTrip.smoothedMs, cubic.isSlowStart, nowMs)
  }
}
