/**
 * The timers of the sending half: retransmission (RFC 6298, 5), tail probe (RFC 8985, 7), reordering (RFC 8985, 6), the
 * peer's window (RFC 9293, 3.8.6.1) and bursts. All are times that are compared, none is a timer of the platform.
 */
import { PERSIST_MOST_MS } from './limits.ts'
import type { Outbound } from './outbound.ts'
import { OPEN } from './recovery.ts'
import { SACKED } from './segments.ts'
import type { Counters } from './statistics.ts'
import { TailProbe } from './tailProbe.ts'

const NEVER = Number.POSITIVE_INFINITY

export class SendTimers {
  readonly tail = new TailProbe()
  rtoAtMs = NEVER
  persistAtMs = NEVER
  /** What `expire` leaves for `choose`. */
  mustProbeWindow = false
  mustSendLittle = false
  #persistMs = 0
  readonly #outbound: Outbound
  readonly #counters: Counters

  constructor(outbound: Outbound, counters: Counters) {
    this.#outbound = outbound
    this.#counters = counters
  }

  /** When the first is due. */
  get nextMs(): number {
    const { rack, pacer } = this.#outbound
    return Math.min(this.rtoAtMs, this.tail.atMs, rack.atMs, this.persistAtMs, pacer.atMs)
  }

  expire(nowMs: number): void {
    const { rack, pacer, recovery, segments } = this.#outbound
    if (nowMs >= pacer.atMs) pacer.atMs = NEVER
    if (nowMs >= this.persistAtMs) this.#persist(nowMs)
    if (nowMs >= rack.atMs && rack.detect(segments, recovery.state === OPEN, nowMs)) {
      recovery.enter(this.#outbound.next, this.#outbound.mss)
      this.tail.stop()
    }
    if (nowMs >= this.tail.atMs) {
      this.tail.atMs = NEVER
      this.tail.isDue = true
    } else if (nowMs >= this.rtoAtMs) this.#timeOut(nowMs)
  }

  /** A segment that was never sent before left. */
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
    this.#counters.tailProbes++
    this.tail.sent(end, isRepeat)
    this.rtoAtMs = nowMs + this.#outbound.roundTrip.timeoutMs
  }

  /** Something was acknowledged. */
  acknowledged(hasAdvanced: boolean, nowMs: number): void {
    const { segments, roundTrip, recovery } = this.#outbound
    if (segments.flight === 0) {
      this.rtoAtMs = NEVER
      this.tail.stop()
      return
    }
    if (hasAdvanced && recovery.restartsTimer) this.rtoAtMs = nowMs + roundTrip.timeoutMs
    this.scheduleTail(nowMs)
  }

  /** RFC 8985, 7.2: unless losses are known already, or cannot be told. */
  scheduleTail(nowMs: number): void {
    const { segments, roundTrip, recovery, hasSack } = this.#outbound
    if (!hasSack || recovery.state !== OPEN || segments.sackedCount > 0 || segments.lost > 0)
      this.tail.atMs = NEVER
    else this.tail.schedule(roundTrip, segments.count === 1, this.rtoAtMs, nowMs)
  }

  /** The peer's window is too small, and if nothing is under way it must be asked for. */
  waitForWindow(nowMs: number): void {
    const { segments, roundTrip } = this.#outbound
    if (segments.flight > 0 || this.persistAtMs !== NEVER) return
    this.#persistMs = roundTrip.timeoutMs
    this.persistAtMs = nowMs + this.#persistMs
  }

  /** The path is back after an interruption. */
  thaw(nowMs: number, isFresh: boolean): void {
    const { segments, roundTrip, rack } = this.#outbound
    rack.atMs = this.tail.atMs = NEVER
    if (segments.flight > 0) this.rtoAtMs = nowMs + roundTrip.timeoutMs
    if (isFresh) this.tail.restart()
    else if (segments.flight > 0 && segments.lost === 0) this.tail.isDue = true
    if (this.persistAtMs === NEVER) return
    this.#persistMs = roundTrip.timeoutMs
    this.persistAtMs = nowMs + this.#persistMs
    this.mustProbeWindow = true
  }

  stop(): void {
    this.rtoAtMs = this.persistAtMs = NEVER
    this.tail.stop()
    this.#outbound.rack.atMs = this.#outbound.pacer.atMs = NEVER
    this.mustProbeWindow = this.mustSendLittle = false
  }

  #persist(nowMs: number): void {
    const { edge, next } = this.#outbound
    this.#persistMs = Math.min(2 * this.#persistMs, PERSIST_MOST_MS)
    if (edge > next) this.mustSendLittle = true
    else this.mustProbeWindow = true
    this.persistAtMs = nowMs + this.#persistMs
  }

  #timeOut(nowMs: number): void {
    const { roundTrip, recovery, rack, segments, hasSack, una, next } = this.#outbound
    this.#counters.timeouts++
    roundTrip.backOff()
    this.rtoAtMs = nowMs + roundTrip.timeoutMs
    this.tail.restart()
    recovery.timeOut(una, next)
    this.#doubt()
    if (hasSack) rack.timeOut(segments, nowMs)
    else segments.loseAll()
  }

  /** The peer told that it has what it now seems to miss (RFC 2018, 8): nothing of that is believed any more. */
  #doubt(): void {
    const { segments, scoreboard } = this.#outbound
    if (segments.count === 0 || !(segments.flags[segments.head & segments.mask]! & SACKED)) return
    segments.unsackAll()
    scoreboard.forget()
  }
}
