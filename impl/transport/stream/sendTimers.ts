/**
 * The timers of the sending half: retransmission (RFC 6298, 5), tail probe (RFC 8985, 7), reordering (RFC 8985, 6),
 * window probe (RFC 9293, 3.8.6.1) and pacing. Each is a time to compare with; none is a timer of the platform.
 */
import type { Flight } from './flight.ts'
import { PERSIST_MOST_MS } from './limits.ts'
import type { Outbound } from './outbound.ts'
import { OPEN } from './recovery.ts'
import { SACKED } from './segments.ts'
import type { TailProbe } from './tailProbe.ts'

const NEVER = Number.POSITIVE_INFINITY

/** A silence of this share of the current timeout counts as an outage. */
const SILENCE = 0.5

export class SendTimers {
  readonly tail: TailProbe
  rtoAtMs = NEVER
  persistAtMs = NEVER
  /** Set by `expire` for `choose`. */
  mustProbeWindow = false
  mustSendLittle = false
  #persistMs = 0
  /** While timeouts go on: when the peer was last heard, or the first of them expired. */
  #heardAtMs = 0
  readonly #outbound: Outbound
  readonly #flight: Flight

  constructor(outbound: Outbound, flight: Flight, tail: TailProbe) {
    this.#outbound = outbound
    this.#flight = flight
    this.tail = tail
  }

  /** True if no timer runs, and none has left work to do. */
  get areStill(): boolean {
    const { nextMs, tail } = this
    return (
      nextMs === NEVER && !tail.isDue && !tail.isUnderWay && !this.mustProbeWindow && !this.mustSendLittle
    )
  }

  /** When the next timer is due. */
  get nextMs(): number {
    const { rack, pacer } = this.#flight
    return Math.min(this.rtoAtMs, this.tail.atMs, rack.atMs, this.persistAtMs, pacer.atMs)
  }

  expire(nowMs: number): void {
    const { rack, pacer, recovery, segments } = this.#flight
    if (nowMs >= pacer.atMs) pacer.atMs = NEVER
    if (nowMs >= this.persistAtMs) this.#persist(nowMs)
    if (nowMs >= rack.atMs && rack.detect(segments, recovery.state === OPEN, nowMs)) {
      recovery.enter(this.#outbound.una, this.#outbound.next, this.#outbound.mss)
      this.tail.stop()
    }
    if (nowMs >= this.tail.atMs) {
      this.tail.atMs = NEVER
      this.tail.isDue = true
    } else if (nowMs >= this.rtoAtMs) this.#timeOut(nowMs)
  }

  /** New data left. */
  sentNew(nowMs: number): void {
    const { roundTrip } = this.#outbound
    this.mustSendLittle = false
    this.persistAtMs = NEVER
    if (this.rtoAtMs === NEVER) this.rtoAtMs = nowMs + roundTrip.timeoutMs
    this.scheduleTail(nowMs)
  }

  repeated(nowMs: number): void {
    if (this.rtoAtMs === NEVER) this.rtoAtMs = nowMs + this.#outbound.roundTrip.timeoutMs
    this.tail.atMs = NEVER
  }

  probedTail(end: number, isRepeat: boolean, nowMs: number): void {
    this.#outbound.counters.unusual.tailProbes++
    this.tail.sent(end, isRepeat, this.#flight.length)
    this.rtoAtMs = nowMs + this.#outbound.roundTrip.timeoutMs
  }

  /** An acknowledgment arrived. */
  acknowledged(hasAdvanced: boolean, nowMs: number): void {
    const { segments, recovery } = this.#flight
    if (segments.flight === 0) {
      this.rtoAtMs = NEVER
      this.tail.stop()
      return
    }
    if (hasAdvanced && recovery.restartsTimer) this.rtoAtMs = nowMs + this.#outbound.roundTrip.timeoutMs
    this.scheduleTail(nowMs)
  }

  /** Schedules the tail probe (RFC 8985, 7.2), unless losses are known or cannot be reported. */
  scheduleTail(nowMs: number): void {
    const { segments, recovery } = this.#flight
    const { roundTrip, hasSack } = this.#outbound
    if (!hasSack || recovery.state !== OPEN || segments.sackedCount > 0 || segments.lost > 0)
      this.tail.atMs = NEVER
    else this.tail.schedule(roundTrip, segments.count === 1, this.rtoAtMs, nowMs)
  }

  /** The peer enlarged its window. */
  windowOpened(): void {
    this.persistAtMs = NEVER
  }

  /** The peer's window is too small. If nothing is in flight, schedules a probe for it. */
  waitForWindow(nowMs: number): void {
    if (this.#flight.segments.flight > 0 || this.persistAtMs !== NEVER) return
    this.#persistMs = this.#outbound.roundTrip.timeoutMs
    this.persistAtMs = nowMs + this.#persistMs
  }

  /** The path is usable again. */
  thaw(nowMs: number, isFresh: boolean): void {
    const { segments, rack } = this.#flight
    const { roundTrip } = this.#outbound
    rack.atMs = this.tail.atMs = NEVER
    if (segments.flight > 0) this.rtoAtMs = nowMs + roundTrip.timeoutMs
    if (isFresh) this.tail.restart()
    // Also on another path: if nothing was lost with the old one, this asks what has arrived.
    if (segments.flight > 0 && segments.lost === 0) this.tail.isDue = true
    if (this.persistAtMs === NEVER) return
    this.#persistMs = roundTrip.timeoutMs
    this.persistAtMs = nowMs + this.#persistMs
    this.mustProbeWindow = true
  }

  /** See `Transport.retry`. The timer and the pacer may wait for longer than the application: they follow the slowest round trips. */
  retry(nowMs: number): void {
    this.#resume(nowMs)
    if (this.#flight.segments.flight > 0) this.mustProbeWindow = true
  }

  /**
   * A segment has arrived although something has timed out. The first one after a silence shows that the path works
   * again. Others show nothing: a peer that sends all the time may be deaf. If it has acknowledged new bytes, recovery
   * decides what leaves, and only the timer becomes as short as before.
   */
  heard(nowMs: number, hasAdvanced: boolean): void {
    const { roundTrip } = this.#outbound
    const silentMs = nowMs - this.#heardAtMs
    this.#heardAtMs = nowMs
    if (silentMs < roundTrip.timeoutMs * SILENCE) return
    if (!hasAdvanced) {
      this.#resume(nowMs)
      return
    }
    roundTrip.forgetTimeouts()
    if (this.#flight.segments.flight > 0) this.rtoAtMs = nowMs + roundTrip.timeoutMs
  }

  /** Whatever has timed out leaves again. */
  #resume(nowMs: number): void {
    const { roundTrip } = this.#outbound
    if (this.#flight.segments.flight > 0 && roundTrip.hasTimedOut) {
      roundTrip.forgetTimeouts()
      this.rtoAtMs = nowMs
    }
    if (this.persistAtMs !== NEVER) this.mustProbeWindow = true
  }

  #persist(nowMs: number): void {
    const { edge, next } = this.#outbound
    this.#persistMs = Math.min(2 * this.#persistMs, PERSIST_MOST_MS)
    if (edge > next) this.mustSendLittle = true
    else this.mustProbeWindow = true
    this.persistAtMs = nowMs + this.#persistMs
  }

  #timeOut(nowMs: number): void {
    const { recovery, rack, segments } = this.#flight
    const { roundTrip, hasSack, una, next, counters } = this.#outbound
    counters.unusual.timeouts++
    if (!roundTrip.hasTimedOut) this.#heardAtMs = nowMs
    roundTrip.backOff()
    this.rtoAtMs = nowMs + roundTrip.timeoutMs
    if (recovery.timeOut(una, next)) this.#outbound.shrink()
    this.tail.restart()
    this.#doubt()
    if (hasSack) rack.timeOut(segments, nowMs)
    else segments.loseAll()
  }

  /** The peer lacks data that it had SACKed (RFC 2018, 8): its SACKs are not trusted any more. */
  #doubt(): void {
    const { segments, scoreboard } = this.#flight
    if (segments.count === 0 || !((segments.flags[segments.head & segments.mask] as number) & SACKED)) return
    segments.unsackAll()
    scoreboard.forget()
  }
}
