/** The receiving half of a stream: accepts segments, and tracks the acknowledgments it owes (RFC 9293, 3.10.7.4). */
import { type Segment, TCP_FIN } from '../../../spec/wire/segment.ts'
import type { Landing } from './bundle/landing.ts'
import { ACK_DELAY_MS, ANSWER_GAP_MS, QUICK_ACKS, QUICK_IDLE_MS } from './limits.ts'
import { Lull } from './lull.ts'
import { ReceiveBuffer } from './receiveBuffer.ts'
import type { Window } from './receiveWindow.ts'
import { Counters } from './statistics.ts'
import { Timestamps } from './timestamps.ts'

/** One acknowledgment covers this many full segments (RFC 9293, 3.8.6.3). */
const SEGMENTS_PER_ACK = 2

export class Inbound {
  /** Where bytes go; with several flows, which of this flow's positions have arrived. */
  buffer: ReceiveBuffer | Landing
  window: Window
  /** The sequence number of the peer's SYN, signed: V8 allocates an object for a number beyond 31 bits. */
  #origin: number | undefined
  /** The largest segment that the peer may send, in bytes. */
  mss: number
  /** The value of `next` in the last segment sent. */
  acknowledged = 1
  /** An acknowledgment is due immediately, or at `ackAtMs`. */
  ackNow = false
  ackAtMs = Number.POSITIVE_INFINITY
  /** The duplicate range to report (RFC 2883); empty if none. */
  duplicateFrom = 0
  duplicateTo = 0
  /** Where the peer's stream ends, as far as its FIN is trusted; -1 if no FIN has arrived. */
  finAt = -1
  /** The last segment that brought something new had a FIN. */
  isEndNewest = false
  /** All bytes before some FIN had arrived once, so that FIN was acknowledged. */
  hadEnd = false
  #isEndConfirmed = false
  #unacknowledged = 0
  /** How many more segments are acknowledged immediately, and when the last non-empty segment arrived. */
  #quickAcks = 0
  #tookAtMs = Number.NEGATIVE_INFINITY
  /** Undefined, not infinite: V8 allocates an object for infinity. */
  #answeredAtMs: number | undefined
  /** Undefined unless many segments have arrived in a row. */
  lull: Lull | undefined
  readonly #timestamps: Timestamps
  readonly #counters: Counters

  constructor(
    mss: number,
    window: Window,
    timestamps: Timestamps,
    counters: Counters,
    buffer: ReceiveBuffer | Landing = new ReceiveBuffer(1),
  ) {
    this.mss = mss
    this.buffer = buffer
    this.window = window
    this.#timestamps = timestamps
    this.#counters = counters
  }

  /** Returns a receiver of the data of several flows that goes on from here. Its acknowledgments leave in those of the flows. */
  split(): Inbound {
    const data = new Inbound(this.mss, this.window, new Timestamps(0), new Counters(), this.buffer)
    data.#origin = this.#origin
    data.finAt = this.finAt
    data.acknowledged = this.acknowledged
    data.hadEnd = this.hadEnd
    data.#isEndConfirmed = this.#isEndConfirmed
    return data
  }

  /** From now on this flow receives its part of the data of several. */
  share(landing: Landing, window: Window): void {
    this.buffer = landing
    this.window = window
  }

  /** The sequence number of the peer's SYN; -1 before it arrives. */
  get origin(): number {
    return this.#origin === undefined ? -1 : this.#origin >>> 0
  }

  set origin(value: number) {
    this.#origin = value | 0
  }

  /** The next expected position. */
  get next(): number {
    return this.buffer.next + (this.hasEnded ? 1 : 0)
  }

  /** True if a FIN and everything before it have arrived. */
  get hasEnded(): boolean {
    return this.buffer.next === this.finAt
  }

  /** True if SAL's FIN has confirmed the end: nothing beyond it is accepted. */
  get #isEndCertain(): boolean {
    return this.#isEndConfirmed && this.hasEnded
  }

  /**
   * True if SAL's FIN has confirmed the end and the application has read everything before it. A FIN alone may be
   * forged.
   */
  get isReadToEnd(): boolean {
    return this.#isEndCertain && this.buffer.readAt === this.finAt
  }

  /** Whether SACK blocks have something to report: bytes or a FIN beyond a gap, or duplicates. */
  get hasBlocks(): boolean {
    return (
      this.buffer.ranges.count > 0 || this.finAt > this.buffer.next || this.duplicateTo > this.duplicateFrom
    )
  }

  /**
   * Checks that a segment at `position` lies in the window (RFC 9293, 3.10.7.4, first check). A segment outside it is
   * acknowledged and dropped.
   */
  isInWindow(segment: Segment, position: number, nowMs: number): boolean {
    const { next, buffer } = this
    const { edge } = this.window
    const end = position + segment.end - segment.payload + (segment.flags & TCP_FIN)
    if (end === position) {
      // A peer that filled the window acknowledges from its very end. A segment before `next` is a probe, or late.
      if (position >= next && position <= edge + (this.hasEnded ? 1 : 0)) return true
      if (position > next) this.#counters.unusual.outOfWindow++
      this.answer(nowMs)
      return false
    }
    // After an acknowledged FIN, bytes may still arrive that prove it forged.
    if (end > (this.#isEndCertain ? next : buffer.next)) {
      // While the window is closed, a segment at `next` still delivers its acknowledgment.
      if (position < Math.max(edge, next + 1)) return true
      this.#counters.unusual.outOfWindow++
      this.answer(nowMs)
      return false
    }
    this.#counters.unusual.duplicatesReceived++
    if (position < next - this.window.limit) this.answer(nowMs)
    else {
      this.duplicateFrom = position
      this.duplicateTo = end
      this.ackNow = true
    }
    return false
  }

  /**
   * Drops a segment that is older than the newest timestamp (PAWS: RFC 7323, 5.3, R1), or lacks one. `position` is in
   * the window.
   */
  isTimely(segment: Segment, nowMs: number): boolean {
    if (segment.hasTimestamp === 1 && !this.#timestamps.isOld(segment.tsval, nowMs)) return true
    this.#counters.unusual.wrongTimestamps++
    if (segment.hasTimestamp === 1) this.answer(nowMs)
    return false
  }

  /** Keeps the timestamp of a segment that passed every check (RFC 7323, 4.3 and 5.3, R3). */
  keepTimestamp(segment: Segment, position: number, nowMs: number): void {
    if (position <= this.acknowledged) this.#timestamps.take(segment.tsval, nowMs)
  }

  /**
   * Takes bytes and FIN of a segment that passed every check. `isCrowded`: memory is short. Returns true if more can be
   * read than before, or the end arrived.
   */
  take(segment: Segment, bytes: Uint8Array, position: number, isCrowded: boolean, nowMs: number): boolean {
    const { buffer } = this
    const { next: had, ranges } = buffer
    const before = this.next
    const isEnd = (segment.flags & TCP_FIN) !== 0
    const end = position + segment.end - segment.payload
    if (this.#timestamps.areUsed) this.window.sample(this.#timestamps.age(segment.tsecr, nowMs))
    if (position !== had || isEnd || ranges.count > 0) this.#note(position, end, isEnd)
    const limit = this.#isEndCertain ? this.finAt : this.window.edge
    const to = Math.min(end, limit)
    const wasWaiting = ranges.count > 0
    const from = segment.payload
    const isTaken = to > position && buffer.insert(position, bytes, from, from + to - position, isCrowded)
    if (!isTaken && to > Math.max(position, had) && !ranges.has(position, to))
      this.#counters.unusual.refused++
    if (isTaken) this.isEndNewest = false
    if (this.finAt >= 0 && buffer.next > this.finAt) this.#withdrawEnd()
    if (isEnd && to === end && buffer.has(position, end)) this.#end(end)
    if (this.hasEnded) this.hadEnd = true
    this.#counters.bytesReceived += buffer.next - had
    const isNews = this.next > before || buffer.next > had
    this.#schedule(!isNews || wasWaiting || isEnd || position < before, nowMs)
    return isNews
  }

  /** The application has read. Returns true if the peer should hear of it immediately. */
  wasRead(nowMs: number): boolean {
    const { buffer, window, next, mss } = this
    window.measure(buffer.readAt, nowMs)
    if (this.ackNow || this.hasEnded || !window.isWorthTelling(buffer.readAt, next, mss)) return false
    this.ackNow = true
    return true
  }

  /**
   * SAL's FIN arrived. The peer sends it when its transport FIN is acknowledged: if one was, nothing is missing;
   * otherwise the end has yet to arrive.
   */
  confirmEnd(): void {
    this.#isEndConfirmed = true
    if (!this.hadEnd) return
    this.finAt = this.buffer.next
    this.buffer.dropRanges()
  }

  /** The earliest timer. */
  get nextMs(): number {
    return this.lull === undefined ? this.ackAtMs : Math.min(this.ackAtMs, this.lull.atMs)
  }

  /** Does what is due. `timeoutMs`: the retransmission timeout. Returns true if the peer must be probed. */
  expire(nowMs: number, timeoutMs: number): boolean {
    if (nowMs >= this.ackAtMs) {
      this.ackNow = true
      this.ackAtMs = Number.POSITIVE_INFINITY
    }
    if (this.lull === undefined) return false
    const isDue =
      !this.hasEnded && this.lull.look(nowMs, this.#tookAtMs, this.#counters.segmentsReceived, timeoutMs)
    if (this.hasEnded || this.lull.atMs === Number.POSITIVE_INFINITY) this.lull = undefined
    return isDue
  }

  /** A segment left and carried every pending acknowledgment. */
  told(): void {
    this.acknowledged = this.next
    this.ackNow = false
    this.ackAtMs = Number.POSITIVE_INFINITY
    this.#unacknowledged = 0
    this.duplicateTo = this.duplicateFrom
  }

  /**
   * Acknowledges a segment that brings nothing and may be forged. Rate-limited, so that neither two confused ends nor
   * an attacker can make us send much (RFC 5961, 7).
   */
  answer(nowMs: number): void {
    if (this.#answeredAtMs !== undefined && nowMs - this.#answeredAtMs < ANSWER_GAP_MS) return
    this.#answeredAtMs = nowMs
    this.ackNow = true
  }

  /** Counts unusual segments, and keeps the first duplicate range for the next acknowledgment (RFC 2883, 4). */
  #note(position: number, end: number, isEnd: boolean): void {
    const { next, ranges } = this.buffer
    if (position > next) this.#counters.unusual.outOfOrder++
    const isKnownEnd = isEnd && end === this.finAt
    let from = position
    let to = Math.max(position, Math.min(end, next))
    if (position >= next) {
      const i = ranges.meeting(position, end)
      if (i >= 0) {
        from = Math.max(position, ranges.left[i] as number)
        to = Math.min(end, ranges.right[i] as number)
      }
    }
    if (from === position && to === end && isKnownEnd) to++
    if (to <= from) return
    this.duplicateFrom = from
    this.duplicateTo = to
    if (from === position && to >= end && (!isEnd || isKnownEnd)) this.#counters.unusual.duplicatesReceived++
  }

  /**
   * A FIN claims that the stream ends at `position`. Only SAL's FIN proves it, so bytes that have arrived take
   * precedence.
   */
  #end(position: number): void {
    const { buffer } = this
    const { ranges } = buffer
    if (position === this.finAt) return
    const last = ranges.count === 0 ? buffer.next : (ranges.right[ranges.count - 1] as number)
    const isNext = position === buffer.next
    if (this.hasEnded || !(isNext || (this.finAt < 0 && position >= last))) {
      this.#counters.unusual.refused++
      return
    }
    this.finAt = position
    this.isEndNewest = true
  }

  /** Bytes arrived from beyond the supposed end: that FIN was forged. */
  #withdrawEnd(): void {
    this.finAt = -1
    this.#counters.unusual.refused++
  }

  /**
   * Schedules an acknowledgment (RFC 9293, 3.8.6.3; RFC 5681, 4.2). Immediate if there is or was a gap, after a
   * duplicate, and at the beginning of a flow.
   */
  #schedule(atOnce: boolean, nowMs: number): void {
    if (nowMs - this.#tookAtMs >= QUICK_IDLE_MS) this.#quickAcks = QUICK_ACKS
    this.#tookAtMs = nowMs
    if (this.#quickAcks > 0) {
      if (--this.#quickAcks === 0) this.lull ??= new Lull(nowMs)
      this.ackNow = true
    } else if (atOnce || ++this.#unacknowledged >= SEGMENTS_PER_ACK) this.ackNow = true
    else if (this.ackAtMs === Number.POSITIVE_INFINITY) this.ackAtMs = nowMs + ACK_DELAY_MS
  }
}
