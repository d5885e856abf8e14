/** Processes the peer's acknowledgments (RFC 5681; RFC 8985). */
import type { Segment } from '../../../spec/wire/segment.ts'
import { Delivery } from './delivery.ts'
import type { Flight } from './flight.ts'
import type { Outbound } from './outbound.ts'
import { OPEN, RECOVERING } from './recovery.ts'
import type { SackObserver } from './scoreboard.ts'

/** Describes the acknowledgment being processed. All streams share one object. */
const delivery = new Delivery()

export class Acknowledgments implements SackObserver {
  readonly #outbound: Outbound
  readonly #flight: Flight
  /** When this path came into use or came back. Segments sent before then do not measure it. */
  #pathAtMs = Number.NEGATIVE_INFINITY
  /** Arrival time of the acknowledgment being processed. */
  #nowMs = 0
  #wasUsed = false
  #echo = 0

  constructor(outbound: Outbound, flight: Flight) {
    this.#outbound = outbound
    this.#flight = flight
  }

  /**
   * Acknowledges everything before `ack`, which must not be below the current position. `isBare`: the segment has
   * neither bytes nor FIN. `isSameEdge`: it does not change the window. Returns true if it acknowledges something new.
   */
  take(segment: Segment, ack: number, isBare: boolean, isSameEdge: boolean, nowMs: number): boolean {
    const { una, next, mss, hasSack, timestamps } = this.#outbound
    const { segments, recovery, timers } = this.#flight
    this.#nowMs = nowMs
    this.#echo = timestamps.areUsed ? segment.tsecr : -1
    this.#wasUsed = una < this.#outbound.usedUntil
    delivery.reset()
    const hasAdvanced = ack > una
    const wasFlying = segments.flight > 0
    if (hasAdvanced) this.#advance(ack)
    if (hasSack && segment.sackCount > 0) this.#takeBlocks(segment)
    else if (!hasSack && !hasAdvanced && isBare && isSameEdge && wasFlying) recovery.duplicate(una, next, mss)
    if (delivery.hasDuplicate) this.#report()
    if (wasFlying || timers.tail.isUnderWay)
      this.#respond(ack, hasAdvanced, isBare && segment.sackCount === 0)
    return hasAdvanced
  }

  /** Called for each newly SACKed entry (`SackObserver`). */
  sacked(place: number): void {
    const { segments, rack } = this.#flight
    rack.note(segments, place, this.#nowMs, this.#echo, false)
    delivery.note(segments, place, false)
  }

  /** The path is usable again. Segments sent before would measure the interruption. `isFresh`: it is a different path. */
  restart(nowMs: number, isFresh: boolean): void {
    this.#pathAtMs = nowMs
    if (isFresh) this.#flight.hyStart.restart()
  }

  #advance(ack: number): void {
    const out = this.#outbound
    const { segments, rack } = this.#flight
    while (segments.count > 0) {
      const place = segments.head & segments.mask
      const start = segments.start[place] as number
      if (start >= ack) break
      if (start + (segments.length[place] as number) > ack) {
        segments.trim(ack)
        break
      }
      if (out.hasSack) rack.note(segments, place, this.#nowMs, this.#echo, true)
      delivery.note(segments, place, true)
      segments.shift()
    }
    out.una = ack
    out.buffer.drop(ack)
  }

  #takeBlocks(segment: Segment): void {
    const { origin, una, next, counters } = this.#outbound
    const { scoreboard, segments } = this.#flight
    delivery.hasDuplicate = scoreboard.take(segment, origin, una, next, segments, this) && !this.#isOfProbe()
    if (delivery.hasDuplicate) counters.unusual.duplicatesReported++
    if (scoreboard.wrong > 0) counters.unusual.wrongAcknowledgments++
  }

  /** Takes the report of a duplicate that answers a probe for longer segments. */
  #isOfProbe(): boolean {
    const { scoreboard } = this.#flight
    const out = this.#outbound
    const size = out.search?.answer(scoreboard.duplicateStart, scoreboard.duplicateEnd, this.#nowMs) ?? 0
    if (size > 0) out.enlarge(size)
    return size > 0
  }

  /** Reports a duplicate to recovery, which may find that a retransmission was needless. */
  #report(): void {
    const { recovery, rack, scoreboard } = this.#flight
    if (recovery.reported(scoreboard.duplicateStart, scoreboard.duplicateEnd)) rack.recovered()
  }

  /** Updates samples, losses, window and timers, once the whole segment has been read. */
  #respond(ack: number, hasAdvanced: boolean, isEmpty: boolean): void {
    const { mss, hasSack, next } = this.#outbound
    const { recovery, rack, segments, timers } = this.#flight
    const { bytes, hasDuplicate } = delivery
    this.#sample(hasAdvanced)
    const isOfProbe = timers.tail.acknowledge(ack, hasDuplicate, isEmpty && !hasAdvanced)
    if (isOfProbe) recovery.repaired()
    if (hasAdvanced) {
      if (recovery.state !== RECOVERING) this.#grow(bytes)
      if (recovery.advance(ack, next, bytes - mss, this.#echo, hasSack)) rack.recovered()
    } else if (isEmpty || bytes > 0 || hasDuplicate) recovery.stood()
    let hasLost = false
    if (hasSack) {
      if (hasDuplicate) rack.duplicate(ack, next)
      hasLost = rack.detect(segments, recovery.state === OPEN, this.#nowMs)
      if (hasLost) recovery.enter(ack, next, mss)
    }
    if (bytes > 0) recovery.deliver(bytes, hasAdvanced && !hasLost, mss)
    timers.acknowledged(hasAdvanced, this.#nowMs)
  }

  /** Takes a round-trip sample (RFC 6298, 3; RFC 7323, 4). */
  #sample(hasAdvanced: boolean): void {
    const { una, next, mss, cubic, roundTrip, timestamps } = this.#outbound
    const { segments, hyStart } = this.#flight
    const { sentAtMs, isRepeated, bytes } = delivery
    const nowMs = this.#nowMs
    let roundTripMs = -1
    if (sentAtMs >= this.#pathAtMs && sentAtMs >= 0 && !isRepeated) roundTripMs = nowMs - sentAtMs
    else if (hasAdvanced && this.#echo > 0) {
      // The echoed timestamp identifies which transmission the peer answers.
      const ageMs = timestamps.age(this.#echo, nowMs)
      if (ageMs >= 0 && nowMs - ageMs >= this.#pathAtMs) roundTripMs = ageMs
    }
    if (roundTripMs < 0) return
    roundTrip.sample(roundTripMs, (segments.flight + bytes) / (2 * mss), nowMs)
    if (cubic.threshold === Number.POSITIVE_INFINITY && hyStart.sample(roundTripMs, una, next))
      cubic.leaveSlowStart()
    // HyStart++ applies only to the first slow start (RFC 9406, 4.2), however that ended.
    if (cubic.threshold < Number.POSITIVE_INFINITY) hyStart.restart()
  }

  #grow(bytes: number): void {
    const { cubic, roundTrip } = this.#outbound
    const growth = cubic.threshold < Number.POSITIVE_INFINITY ? 1 : this.#flight.hyStart.growth
    if (this.#wasUsed) cubic.grow(bytes, this.#nowMs, Math.max(0, roundTrip.smoothedMs), growth)
  }
}
