/** Segments in and out: both halves of a stream and the result of its handshake. Independent of the application. */
import { must } from '../../../checker/text/at.ts'
import { ACK, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { DATA_BYTES, MOST_OPTION_BYTES, MOST_WINDOW_SCALE } from '../../../spec/wire/options.ts'
import {
  decodeSegment,
  encodeSegmentHeader,
  newSegment,
  SEGMENT_BYTES,
  type Segment,
  TCP_ACK,
  TCP_FIN,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
} from '../../../spec/wire/segment.ts'
import { writeBlocks } from './blocks.ts'
import { NEWS, REFUSED, type Subflow } from './bundle/subflow.ts'
import { NOTHING } from './flight.ts'
import { handshakeFlags, hasFlagsOf } from './handshake.ts'
import { hideOffer, revealOffer } from './hiddenOffer.ts'
import { Inbound } from './inbound.ts'
import { LEAST_MSS, TIMESTAMP_BYTES, UNNAMED_MSS } from './limits.ts'
import type { Settings } from './options.ts'
import { Outbound } from './outbound.ts'
import { ReceiveWindow } from './receiveWindow.ts'
import { PUSHED, WITH_FIN } from './segments.ts'
import { positionOf, wireOf } from './serial.ts'
import { Counters } from './statistics.ts'
import { Timestamps } from './timestamps.ts'

const MOST_UNSCALED = 65_535
const MOST_HEADER_BYTES = SEGMENT_BYTES + MOST_OPTION_BYTES

/** One object each for all streams. They are used up before anything is called that could overwrite them. */
const incoming = newSegment()
const outgoing = newSegment()

export class Exchange {
  readonly inbound: Inbound
  readonly outbound: Outbound
  /** Set if this is one of several flows. */
  subflow: Subflow | undefined
  /** The host was short of memory when the last segment arrived. */
  #isCrowded = false
  readonly #ownScale: number

  constructor(settings: Settings) {
    const timestamps = new Timestamps(settings.timestampOffset)
    const counters = new Counters()
    timestamps.areUsed = settings.timestamps
    this.#ownScale = scaleOf(settings.mostWindow)
    const window = new ReceiveWindow(1, settings.firstWindow, settings.mostWindow)
    this.inbound = new Inbound(settings.mss, window, timestamps, counters)
    this.outbound = new Outbound(settings, timestamps, counters)
  }

  get counters(): Counters {
    return this.outbound.counters
  }

  get #timestamps(): Timestamps {
    return this.outbound.timestamps
  }

  writeHandshake(kind: number, out: Uint8Array, at: number, nowMs: number): number {
    const { inbound, outbound } = this
    this.#clear(handshakeFlags(kind))
    if (kind === ACK) {
      // 20 bytes, like the prototype's, whatever options were agreed on. Sends the first unacknowledged sequence
      // number, so that the peer recognizes the ACK whatever has been sent since.
      outgoing.seq = wireOf(outbound.una, outbound.origin)
      outgoing.ack = wireOf(inbound.next, inbound.origin)
      outgoing.window = this.#offer()
      return encodeSegmentHeader(outgoing, out, at)
    }
    outgoing.seq = wireOf(0, outbound.origin)
    outgoing.ack = kind === SYNACK ? wireOf(1, inbound.origin) : 0
    outgoing.window = Math.min(MOST_UNSCALED, inbound.window.limit)
    outgoing.mss = inbound.mss
    outgoing.windowScale = outbound.scale < 0 ? -1 : this.#ownScale
    outgoing.sackPermitted = outbound.hasSack ? 1 : 0
    this.#stamp(nowMs)
    if (outbound.next === 0) {
      outbound.next = 1
      outbound.sentAtMs = nowMs
    } else outbound.sentAtMs = Number.NaN
    return encodeSegmentHeader(outgoing, out, at)
  }

  readHandshake(kind: number, bytes: Uint8Array, start: number, end: number, nowMs: number): boolean {
    if (kind === ACK && start === end) return this.#isConfirmed(nowMs)
    if (decodeSegment(bytes, start, end, incoming) !== 0 || !hasFlagsOf(kind, incoming)) return false
    const { inbound, outbound } = this
    switch (kind) {
      case SYN:
      case SYNACK: {
        if (inbound.origin >= 0) return inbound.origin === incoming.seq
        if (kind === SYNACK && (outbound.next === 0 || incoming.ack !== wireOf(1, outbound.origin)))
          return false
        this.#agree(incoming, nowMs)
        inbound.origin = incoming.seq
        if (kind === SYNACK) this.#synAcknowledged(this.#echoOf(incoming), nowMs)
        return true
      }
      default:
        if (inbound.origin < 0 || outbound.next === 0) return false
        // The header of an ACK has no options, like the prototype's.
        this.#check(bytes, incoming, this.#timestamps.areUsed && incoming.hasTimestamp === 1, nowMs)
        return true
    }
  }

  /** See `Transport`. Offers no timestamps: the ACK carries none, so there would be nothing to echo. */
  readUnkept(
    kind: number,
    mask: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): boolean {
    const { inbound, outbound } = this
    this.#timestamps.areUsed = false
    if (kind === SYN) {
      if (!this.readHandshake(SYN, bytes, start, end, nowMs)) return false
      outbound.origin = hideOffer(incoming, mask) | 0
      return true
    }
    if (decodeSegment(bytes, start, end, incoming) !== 0 || !hasFlagsOf(kind, incoming)) return false
    if (!revealOffer(incoming, mask, outgoing)) return false
    this.#agree(outgoing, nowMs)
    inbound.origin = outgoing.seq
    outbound.origin = wireOf(-1, incoming.ack) | 0
    outbound.next = 1
    return this.readHandshake(ACK, bytes, start, end, nowMs)
  }

  /** Takes a segment. `isCrowded`: the host is short of memory. Returns true if the application may have something to do. */
  receive(bytes: Uint8Array, start: number, end: number, isCrowded: boolean, nowMs: number): boolean {
    const { inbound, outbound, counters } = this
    counters.segmentsReceived++
    const isOpen = inbound.origin >= 0 && outbound.next > 0
    if (decodeSegment(bytes, start, end, incoming) !== 0 || !isOpen) {
      counters.unusual.malformed++
      return false
    }
    // SAL opens and resets connections. A SYN may come from a confused peer and is answered (RFC 5961, 4.2).
    if ((incoming.flags & (TCP_SYN | TCP_RST | TCP_ACK)) !== TCP_ACK) {
      counters.unusual.malformed++
      if (incoming.flags & TCP_SYN) inbound.answer(nowMs)
      return false
    }
    this.#isCrowded = isCrowded
    return this.#check(bytes, incoming, this.#timestamps.areUsed, nowMs)
  }

  /** Writes the next segment at `at`, of at most `out.length - at` bytes. */
  send(out: Uint8Array, at: number, nowMs: number): number {
    const { inbound, outbound, subflow } = this
    if (out.length - at < MOST_HEADER_BYTES) return at
    // SACK blocks leave in segments of their own: data segments have no room for them.
    if (inbound.ackNow && outbound.hasSack && inbound.hasBlocks) return this.#write(out, at, nowMs, 0)
    if (subflow !== undefined) subflow.lend(nowMs)
    const found = outbound.choose(out.length - at - SEGMENT_BYTES - outbound.optionBytes, nowMs)
    if (subflow !== undefined) subflow.settle()
    if (found !== NOTHING) return this.#write(out, at, nowMs, found)
    if (inbound.ackNow) return this.#write(out, at, nowMs, 0)
    if (subflow !== undefined) subflow.rest()
    return at
  }

  nextTimeout(): number {
    const { nextMs } = this.inbound
    const { flight } = this.outbound
    if (flight === undefined) return nextMs
    const dueMs = Math.min(nextMs, flight.timers.nextMs)
    return this.subflow === undefined ? dueMs : Math.min(dueMs, this.subflow.lateAtMs)
  }

  expire(nowMs: number): void {
    const { inbound, outbound } = this
    if (inbound.expire(nowMs, outbound.roundTrip.timeoutMs)) outbound.fly().timers.mustProbeWindow = true
    outbound.flight?.timers.expire(nowMs)
    this.subflow?.expired(nowMs)
  }

  /** Retransmission timeouts in a row, or probes of a silent peer, that nothing has answered. */
  get timeouts(): number {
    const { outbound, inbound, counters } = this
    return Math.max(outbound.roundTrip.timeouts, inbound.lull?.unanswered(counters.segmentsReceived) ?? 0)
  }

  /** See `Transport`. */
  change(nowMs: number): void {
    this.thaw(nowMs, true, this.outbound.roundTrip.hasTimedOut)
  }

  /** `isLost`: what is outstanding is lost with the old path. */
  thaw(nowMs: number, isFresh: boolean, isLost = true): void {
    const { inbound, outbound } = this
    if (isFresh) {
      outbound.restart(isLost)
      inbound.window.restart()
    }
    outbound.flight?.acknowledgments.restart(nowMs, isFresh)
    outbound.flight?.timers.thaw(nowMs, isFresh)
    // The last acknowledgment or window update may have been lost with the old path.
    if (isFresh && inbound.next > 1) inbound.ackNow = true
  }

  retry(nowMs: number): void {
    const { inbound, outbound } = this
    outbound.flight?.timers.retry(nowMs)
    if (this.subflow !== undefined) this.subflow.doubt()
    if (inbound.next > 1 || outbound.una > 0) inbound.ackNow = true
  }

  clear(): void {
    this.inbound.buffer.clear()
    this.outbound.clear()
  }

  #write(out: Uint8Array, at: number, nowMs: number, found: number): number {
    const { inbound, outbound } = this
    this.#clear(TCP_ACK)
    outgoing.ack = wireOf(inbound.next, inbound.origin)
    outgoing.window = this.#offer()
    this.#stamp(nowMs)
    this.counters.segmentsSent++
    if (found === NOTHING) {
      outgoing.seq = wireOf(outbound.next, outbound.origin)
      if (this.subflow !== undefined) this.subflow.mark(outgoing, 0, 0)
      if (outbound.hasSack && inbound.hasBlocks) writeBlocks(inbound, outgoing)
      inbound.told()
      return encodeSegmentHeader(outgoing, out, at)
    }
    const { start, length, flags } = must(outbound.flight)
    outgoing.seq = wireOf(start, outbound.origin)
    if (flags & WITH_FIN) outgoing.flags |= TCP_FIN
    if (flags & PUSHED) outgoing.flags |= TCP_PSH
    inbound.told()
    const size = length - (flags & WITH_FIN ? 1 : 0)
    if (this.subflow !== undefined) this.subflow.mark(outgoing, start, size)
    const payload = encodeSegmentHeader(outgoing, out, at)
    outbound.buffer.copy(start, size, out, payload)
    return payload + size
  }

  /**
   * Checks the window, the timestamp (RFC 7323, 5.3) and the acknowledgment (RFC 5961, 5.2), in the order of RFC 9293,
   * 3.10.7.4. A segment that fails one changes nothing. Returns true if the application may have something to do.
   */
  #check(bytes: Uint8Array, segment: Segment, hasTimestamps: boolean, nowMs: number): boolean {
    const { inbound, outbound, subflow } = this
    const seq = positionOf(segment.seq, inbound.origin, inbound.next)
    if (!inbound.isInWindow(segment, seq, nowMs)) return false
    if (hasTimestamps && !inbound.isTimely(segment, nowMs)) return false
    const ack = positionOf(segment.ack, outbound.origin, outbound.una)
    if (!outbound.mayAcknowledge(ack)) {
      // Does not answer until the peer has proved that it knows our SYN-ACK.
      if (outbound.una > 0) inbound.answer(nowMs)
      return false
    }
    if (hasTimestamps) inbound.keepTimestamp(segment, seq, nowMs)
    if (outbound.una === 0) this.#synAcknowledged(this.#echoOf(segment), nowMs)
    const isBare = segment.end === segment.payload && (segment.flags & TCP_FIN) === 0
    let hasNews = false
    if (subflow !== undefined) {
      const result = subflow.accept(bytes, segment, seq, ack, isBare, this.#isCrowded, nowMs)
      if (result === REFUSED) return false
      hasNews = result === NEWS
    }
    const hasAdvanced = outbound.acknowledge(segment, seq, ack, isBare, nowMs)
    if (outbound.roundTrip.hasTimedOut) outbound.flight?.timers.heard(nowMs, hasAdvanced)
    if (isBare) return hasAdvanced || hasNews
    const hasMore = inbound.take(segment, bytes, seq, this.#isCrowded, nowMs)
    return hasMore || hasAdvanced || hasNews
  }

  /**
   * SAL has confirmed our SYN-ACK by a packet without a transport part: a peer with nothing to say sends no more than
   * that.
   */
  #isConfirmed(nowMs: number): boolean {
    const { inbound, outbound } = this
    if (inbound.origin < 0 || outbound.next === 0) return false
    if (outbound.una === 0) this.#synAcknowledged(-1, nowMs)
    return true
  }

  /** Returns the timestamp that a segment echoes, or -1. */
  #echoOf(segment: Segment): number {
    return this.#timestamps.areUsed && segment.hasTimestamp === 1 ? segment.tsecr : -1
  }

  /** Our SYN is acknowledged, by whatever segment; `echo` is the timestamp it echoes. */
  #synAcknowledged(echo: number, nowMs: number): void {
    const { outbound } = this
    outbound.una = 1
    if (outbound.sentAtMs >= 0) outbound.roundTrip.sample(nowMs - outbound.sentAtMs, 1, nowMs)
    else if (echo >= 0) outbound.roundTrip.sample(this.#timestamps.age(echo, nowMs), 1, nowMs)
    else outbound.roundTrip.unmeasured()
    this.subflow?.opened()
  }

  /** Agrees on the options that both ends offer. */
  #agree(offer: Segment, nowMs: number): void {
    const timestamps = this.#timestamps
    timestamps.areUsed = timestamps.areUsed && offer.hasTimestamp === 1
    if (offer.windowScale < 0) this.inbound.window.cap(MOST_UNSCALED)
    const peerMss = offer.mss === 0 ? UNNAMED_MSS : Math.max(LEAST_MSS, offer.mss)
    // The MSS counts no options, but every segment has them (RFC 6691). The window of a SYN is never scaled (RFC 7323,
    // 2.2).
    const options = (timestamps.areUsed ? TIMESTAMP_BYTES : 0) + (this.subflow === undefined ? 0 : DATA_BYTES)
    this.outbound.open(offer, Math.min(this.inbound.mss, peerMss), options)
    if (timestamps.areUsed) timestamps.take(offer.tsval, nowMs)
  }

  #offer(): number {
    const { window, buffer, next, mss } = this.inbound
    const scale = this.outbound.scale < 0 ? 0 : this.#ownScale
    return Math.min(MOST_UNSCALED, Math.floor(window.offer(buffer.readAt, next, mss) / 2 ** scale))
  }

  #clear(flags: number): void {
    outgoing.flags = flags
    outgoing.mss = 0
    outgoing.windowScale = -1
    outgoing.sackPermitted = 0
    outgoing.hasTimestamp = 0
    outgoing.sackCount = 0
    outgoing.data = 0
  }

  #stamp(nowMs: number): void {
    if (!this.#timestamps.areUsed) return
    outgoing.hasTimestamp = 1
    outgoing.tsval = this.#timestamps.value(nowMs)
    outgoing.tsecr = this.#timestamps.recent
  }
}

/** Returns the smallest shift with which the window fits its 16-bit field. */
function scaleOf(window: number): number {
  let scale = 0
  while (scale < MOST_WINDOW_SCALE && MOST_UNSCALED * 2 ** scale < window) scale++
  return scale
}
