/**
 * The sending half of a stream while something is unacknowledged or withheld: it chooses what leaves next (RFC 9293,
 * 3.8). Most streams are idle, so a flight is created when it is needed, and freed when it holds nothing that a new one
 * could not learn again.
 */
import { Acknowledgments } from './acknowledgments.ts'
import { HyStart } from './hystart.ts'
import { MOST_FLIGHT } from './limits.ts'
import type { Outbound } from './outbound.ts'
import { Pacer } from './pacer.ts'
import { Rack } from './rack.ts'
import { OPEN, Recovery } from './recovery.ts'
import { Scoreboard } from './scoreboard.ts'
import { PUSHED, SACKED, Segments, WITH_FIN } from './segments.ts'
import { SendTimers } from './sendTimers.ts'
import { TailProbe } from './tailProbe.ts'

/** Results of `choose`. */
export const NOTHING = 0
export const DATA = 1
/** An empty segment before the position that the peer expects. The peer answers it with its window. */
const PROBE = 2

export class Flight {
  readonly segments = new Segments()
  readonly pacer = new Pacer()
  readonly scoreboard = new Scoreboard()
  readonly hyStart = new HyStart()
  readonly recovery: Recovery
  readonly rack: Rack
  readonly timers: SendTimers
  readonly acknowledgments: Acknowledgments
  /** The segment that `choose` found: its position, its length in sequence space, its flags (segments.ts). */
  start = 0
  length = 0
  flags = 0
  readonly #outbound: Outbound

  constructor(outbound: Outbound) {
    const { cubic, roundTrip, timestamps, counters } = outbound
    this.#outbound = outbound
    const tail = new TailProbe()
    this.recovery = new Recovery(this.segments, cubic, counters, tail)
    this.rack = new Rack(roundTrip, timestamps)
    this.timers = new SendTimers(outbound, this, tail)
    this.acknowledgments = new Acknowledgments(outbound, this)
  }

  /**
   * True if nothing is in flight or waiting, and a new flight would know as much. Without SACK there is more to
   * remember.
   */
  get isOver(): boolean {
    const { hasUnsent, hasSack } = this.#outbound
    return (
      this.segments.count === 0 &&
      !hasUnsent &&
      hasSack &&
      this.recovery.isOver &&
      this.timers.areStill &&
      this.rack.isAsNew &&
      this.hyStart.growth === 1
    )
  }

  /** Chooses what leaves now. `most`: bytes that fit in the packet. */
  choose(most: number, nowMs: number): number {
    const outbound = this.#outbound
    const { timers, segments, recovery } = this
    const room = Math.min(most, outbound.mss)
    if (timers.tail.isDue) {
      timers.tail.isDue = false
      return this.#probeTail(room, nowMs)
    }
    if (timers.mustProbeWindow) {
      timers.mustProbeWindow = false
      outbound.counters.unusual.windowProbes++
      // Before what the peer lacks, whatever got lost: a peer does not answer an empty segment that is news to it.
      this.start = Math.max(outbound.una, 1) - 1
      this.length = 0
      this.flags = 0
      return PROBE
    }
    if (segments.lost > 0) return recovery.isDoubting ? this.#doubt(room, nowMs) : this.#repair(room, nowMs)
    if (outbound.mss < outbound.mostMss && this.#probeSize(most, nowMs)) return DATA
    return outbound.hasUnsent ? this.#chooseNew(room, false, nowMs) : NOTHING
  }

  /** Repeats the last bytes sent in a longer segment, if a probe of its size is due and the window has room for it. */
  #probeSize(most: number, nowMs: number): boolean {
    const outbound = this.#outbound
    const { segments, recovery } = this
    if (recovery.state !== OPEN || segments.sackedCount > 0) return false
    const size = outbound.probeSize(nowMs)
    if (size === 0 || size > Math.min(most, segments.flight) || recovery.pipe + size > recovery.window)
      return false
    if (!outbound.buffer.isContiguous(outbound.next - size)) return false
    this.start = outbound.next - size
    this.length = size
    this.flags = 0
    outbound.search?.sent(this.start, outbound.next, nowMs + outbound.roundTrip.timeoutMs)
    outbound.counters.unusual.sizeProbes++
    this.pacer.sent(size)
    return true
  }

  /** Retransmits the first lost segment. */
  #repair(room: number, nowMs: number): number {
    const { segments } = this
    const place = this.#fitting(segments.firstLost(), room)
    return place >= 0 && this.#hasRoom(segments.length[place] as number, nowMs)
      ? this.#repeat(place, nowMs)
      : NOTHING
  }

  /** Sends new data to test whether the timeout was spurious (RFC 5682, 2.1, step 2). Without new data, retransmits. */
  #doubt(room: number, nowMs: number): number {
    const { recovery } = this
    const outbound = this.#outbound
    if (!recovery.mayTryNew) return NOTHING
    if (outbound.hasUnsent && this.#chooseNew(room, true, nowMs) === DATA) {
      recovery.triedNew()
      return DATA
    }
    recovery.believe()
    return this.#repair(room, nowMs)
  }

  /** Cuts the entry at `place` if it does not fit `room` bytes. Returns its place, or -1 if nothing fits. */
  #fitting(place: number, room: number): number {
    const { segments } = this
    if (segments.bytes(place) <= room) return place
    return room > 0 ? segments.cut(room, place) : -1
  }

  /** True if the congestion window and the pacer allow `size` more bytes. */
  #hasRoom(size: number, nowMs: number): boolean {
    const { pipe, window } = this.recovery
    if ((pipe === 0 || pipe + size <= window) && !this.#isPaced(nowMs)) return true
    this.#outbound.usedUntil = this.#outbound.next
    return false
  }

  /** The flow has moved to a new path; everything in flight is lost on the old one. */
  restart(isLost: boolean): void {
    this.recovery.restart(this.#outbound.next)
    this.rack.restart()
    this.pacer.restart()
    if (isLost) this.segments.loseAll()
  }

  /** Chooses new data. `isForced`: ignores the congestion window. */
  #chooseNew(full: number, isForced: boolean, nowMs: number): number {
    const outbound = this.#outbound
    const { segments, timers } = this
    const available = outbound.unsent
    const window = outbound.edge - outbound.next
    const want = Math.min(available, full)
    const size = Math.min(want, window)
    if (segments.isFull || segments.flight + size > MOST_FLIGHT) return NOTHING
    // Sends no small segment (RFC 9293, 3.8.6.2.1), unless it is half of the largest window the peer ever offered, or
    // has waited long enough.
    if (window <= 0 || (size < want && !timers.mustSendLittle && size < outbound.largestWindow / 2)) {
      timers.waitForWindow(nowMs)
      return NOTHING
    }
    const isLast = size === available
    const { isEnding, noDelay } = outbound
    const withFin = isEnding && isLast && size < window
    if (size === 0 && !withFin) return NOTHING
    // At most one segment that is not full may be in flight (RFC 9293, 3.7.4, with Minshall's variant).
    if (size < full && isLast && !isEnding && !noDelay && outbound.smallEnd > outbound.una) return NOTHING
    if (!isForced) {
      if (segments.flight === 0) outbound.cubic.rest(nowMs - outbound.sentAtMs, outbound.roundTrip.timeoutMs)
      if (!this.#hasRoom(size, nowMs)) return NOTHING
    }
    if (size < full) outbound.smallEnd = outbound.next + size
    this.#sendNew(size, (withFin ? WITH_FIN : 0) | (isLast ? PUSHED : 0), nowMs)
    return DATA
  }

  #sendNew(size: number, flags: number, nowMs: number): void {
    const outbound = this.#outbound
    this.start = outbound.next
    this.length = size + (flags & WITH_FIN ? 1 : 0)
    this.flags = flags
    this.segments.push(this.start, this.length, flags, nowMs)
    outbound.next += this.length
    if (flags & WITH_FIN) outbound.finAt = outbound.next - 1
    outbound.counters.bytesSent += size
    this.#left(false, nowMs)
    this.timers.sentNew(nowMs)
    // In recovery from a peer without SACK less may be in flight, but then no window grows.
    if (this.segments.pipe + outbound.mss > this.recovery.window) outbound.usedUntil = outbound.next
  }

  #repeat(place: number, nowMs: number): number {
    const { segments } = this
    const { counters } = this.#outbound
    this.start = segments.start[place] as number
    this.length = segments.length[place] as number
    this.flags = segments.flags[place] as number
    segments.resend(place, nowMs)
    counters.unusual.segmentsRepeated++
    counters.unusual.bytesRepeated += this.length
    this.#left(true, nowMs)
    this.timers.repeated(nowMs)
    return DATA
  }

  #left(isRepeated: boolean, nowMs: number): void {
    const { timestamps } = this.#outbound
    this.#outbound.sentAtMs = nowMs
    this.pacer.sent(this.length)
    this.recovery.sent(this.length, isRepeated, timestamps.value(nowMs))
  }

  /**
   * Sends new data, or the last segment again (RFC 8985, 7.3). Without SACK, sends the first: its acknowledgment says
   * more.
   */
  #probeTail(room: number, nowMs: number): number {
    const { segments, timers } = this
    const outbound = this.#outbound
    const before = outbound.next
    if (outbound.hasUnsent && this.#chooseNew(room, true, nowMs) === DATA) {
      timers.probedTail(outbound.next, false, nowMs)
      return DATA
    }
    if (segments.count === 0) return NOTHING
    const end = outbound.hasSack ? segments.tail - 1 : segments.head
    if ((segments.flags[end & segments.mask] as number) & SACKED) return NOTHING
    if (this.#fitting(end & segments.mask, room) < 0) return NOTHING
    const place = (outbound.hasSack ? segments.tail - 1 : segments.head) & segments.mask
    this.#repeat(place, nowMs)
    timers.probedTail(before, true, nowMs)
    return DATA
  }

  #isPaced(nowMs: number): boolean {
    const { cubic, roundTrip, mss } = this.#outbound
    return !this.pacer.allows(mss, cubic.window, roundTrip.smoothedMs, cubic.isSlowStart, nowMs)
  }
}
