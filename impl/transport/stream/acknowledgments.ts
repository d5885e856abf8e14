/** What the peer's acknowledgments do to the sending half (RFC 9293, 3.10.7.4; RFC 5681; RFC 8985). */
import type { Segment } from '../../../spec/wire/segment.ts'
import { Delivery } from './delivery.ts'
import { HyStart } from './hystart.ts'
import { MOST_FLIGHT } from './limits.ts'
import type { Outbound } from './outbound.ts'
import { OPEN, RECOVERING } from './recovery.ts'
import type { Listener } from './scoreboard.ts'
import { positionOf } from './serial.ts'
import type { Counters } from './statistics.ts'
import type { Timestamps } from './timestamps.ts'

export class Acknowledgments implements Listener {
  readonly #outbound: Outbound
  readonly #timestamps: Timestamps
  readonly #counters: Counters
  readonly #delivery = new Delivery()
  readonly #hyStart = new HyStart()
  /** Sequence and acknowledgment of the segment that last told the window. */
  #windowSeq = 0
  #windowAck = 0
  /** When this path began, or came back: what was sent before does not measure it. */
  #pathAtMs = Number.NEGATIVE_INFINITY
  /** Of the acknowledgment that is being taken. */
  #nowMs = 0
  #echo = 0

  constructor(outbound: Outbound, timestamps: Timestamps, counters: Counters) {
    this.#outbound = outbound
    this.#timestamps = timestamps
    this.#counters = counters
  }

  /**
   * Takes acknowledgment and window of an accepted segment. `seq`: its position; `isBare`: it has neither bytes nor end;
   * `window`: scaled, in bytes. True when bytes were acknowledged in order.
   */
  take(segment: Segment, seq: number, isBare: boolean, window: number, nowMs: number): boolean {
    const out = this.#outbound
    const ack = positionOf(segment.ack, out.origin, out.una)
    // RFC 9293, 3.10.7.4 and RFC 5961, 5: of what was never sent, or is long past.
    if (ack > out.next || ack < out.una - MOST_FLIGHT) {
      this.#counters.wrongAcknowledgments++
      return false
    }
    const { edge } = out
    this.#updateWindow(seq, ack, window)
    if (ack < out.una) return false
    this.#nowMs = nowMs
    this.#echo = this.#timestamps.areUsed ? segment.tsecr : -1
    this.#delivery.reset()
    const hasAdvanced = ack > out.una
    const wasFlying = out.segments.flight > 0
    if (hasAdvanced) this.#advance(ack)
    if (out.hasSack && segment.sackCount > 0) this.#takeBlocks(segment)
    else if (!out.hasSack && !hasAdvanced && isBare && edge === out.edge && wasFlying)
      out.recovery.duplicate(out.una, out.next, out.mss)
    if (wasFlying || out.timers.tail.isUnderWay)
      this.#respond(ack, hasAdvanced, isBare && segment.sackCount === 0)
    return hasAdvanced
  }

  /** A SACKed entry (`Listener`). */
  sacked(place: number): void {
    const { segments, rack } = this.#outbound
    rack.note(segments, place, this.#nowMs, this.#echo, false)
    this.#delivery.note(segments, place, false)
  }

  /** The path is back: what was sent before measures the interruption. `isFresh`: it is another one. */
  restart(nowMs: number, isFresh: boolean): void {
    this.#pathAtMs = nowMs
    if (isFresh) this.#hyStart.restart()
  }

  /** Everything before `ack` is acknowledged. */
  #advance(ack: number): void {
    const out = this.#outbound
    const { segments, rack } = out
    while (segments.count > 0) {
      const place = segments.head & segments.mask
      const start = segments.start[place]!
      if (start >= ack) break
      if (start + segments.length[place]! > ack) {
        segments.trim(ack)
        break
      }
      if (out.hasSack) rack.note(segments, place, this.#nowMs, this.#echo, true)
      this.#delivery.note(segments, place, true)
      segments.shift()
    }
    out.una = ack
    out.buffer.drop(ack)
  }

  #takeBlocks(segment: Segment): void {
    const { scoreboard, origin, una, next, segments } = this.#outbound
    this.#delivery.hasDuplicate = scoreboard.take(segment, origin, una, next, segments, this)
    if (this.#delivery.hasDuplicate) this.#counters.duplicatesReported++
    if (scoreboard.wrong > 0) this.#counters.wrongAcknowledgments++
  }

  /** All is known that the segment tells: samples, losses, the window, the timers. */
  #respond(ack: number, hasAdvanced: boolean, isEmpty: boolean): void {
    const out = this.#outbound
    const { recovery, rack, segments, timers, mss } = out
    const { bytes, hasDuplicate } = this.#delivery
    this.#sample(hasAdvanced)
    const isOfProbe = timers.tail.acknowledge(ack, hasDuplicate, isEmpty && !hasAdvanced)
    if (isOfProbe) recovery.repaired()
    if (hasAdvanced) {
      if (recovery.state !== RECOVERING) this.#grow(bytes)
      if (recovery.advance(ack, bytes - mss, this.#echo, out.hasSack)) rack.recovered()
    }
    let hasLost = false
    if (out.hasSack) {
      if (hasDuplicate) rack.duplicate(ack, out.next)
      hasLost = rack.detect(segments, recovery.state === OPEN, this.#nowMs)
      if (hasLost) recovery.enter(out.next, mss)
    }
    if (bytes > 0) recovery.deliver(bytes, hasAdvanced && !hasLost, mss)
    timers.acknowledged(hasAdvanced, this.#nowMs)
  }

  /** RFC 6298, 3 and RFC 7323, 4. */
  #sample(hasAdvanced: boolean): void {
    const out = this.#outbound
    const { sentAtMs, isRepeated } = this.#delivery
    const nowMs = this.#nowMs
    let roundTripMs = -1
    if (sentAtMs >= this.#pathAtMs && sentAtMs >= 0 && !isRepeated) roundTripMs = nowMs - sentAtMs
    else if (hasAdvanced && this.#echo > 0) {
      // A timestamp tells which of the times of sending is meant.
      const ageMs = this.#timestamps.age(this.#echo, nowMs)
      if (ageMs >= 0 && nowMs - ageMs >= this.#pathAtMs) roundTripMs = ageMs
    }
    if (roundTripMs < 0) return
    out.roundTrip.sample(roundTripMs, (out.segments.flight + this.#delivery.bytes) / (2 * out.mss))
    const { cubic } = out
    if (cubic.threshold === Number.POSITIVE_INFINITY && this.#hyStart.sample(roundTripMs, out.una, out.next))
      cubic.leaveSlowStart()
  }

  #grow(bytes: number): void {
    const { cubic, roundTrip, isLimited } = this.#outbound
    if (isLimited) cubic.grow(bytes, this.#nowMs, Math.max(0, roundTrip.smoothedMs), this.#hyStart.growth)
  }

  /** RFC 9293, 3.10.7.4: only a segment that is not older than the one before may change the window. */
  #updateWindow(seq: number, ack: number, window: number): void {
    if (ack < this.#windowAck || (ack === this.#windowAck && seq < this.#windowSeq)) return
    const out = this.#outbound
    const edge = ack + window
    // Two that are alike may have overtaken each other: the larger window is the later.
    if (ack === this.#windowAck && seq === this.#windowSeq && edge <= out.edge) return
    this.#windowSeq = seq
    this.#windowAck = ack
    if (edge < out.edge) this.#counters.shrunkWindows++
    if (edge > out.edge) out.timers.persistAtMs = Number.POSITIVE_INFINITY
    out.edge = edge
    if (window > out.largestWindow) out.largestWindow = window
  }
}
