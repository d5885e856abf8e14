/** The receiving half of a stream: what is taken, and what is owed for it (RFC 9293, 3.10.7.4). */
import { type Segment, TCP_FIN } from '../../../spec/wire/segment.ts'
import { ACK_DELAY_MS, ANSWER_GAP_MS } from './limits.ts'
import { ReceiveBuffer } from './receiveBuffer.ts'
import type { ReceiveWindow } from './receiveWindow.ts'
import { distance, positionOf } from './serial.ts'
import type { Counters } from './statistics.ts'
import type { Timestamps } from './timestamps.ts'

/** Full segments for which one acknowledgment is enough (RFC 9293, 3.8.6.3). */
const SEGMENTS_PER_ACK = 2

export class Inbound {
  readonly buffer = new ReceiveBuffer(1)
  readonly window: ReceiveWindow
  /** The number of the peer's SYN; -1 before it came. */
  origin = -1
  /** Bytes of the largest segment that the peer may send. */
  mss: number
  /** What `next` was in the last segment that left. */
  acknowledged = 1
  /** An acknowledgment is to leave at once, or at this time. */
  ackNow = false
  ackAtMs = Number.POSITIVE_INFINITY
  /** What came twice and is to be reported (RFC 2883); empty: nothing. */
  duplicateFrom = 0
  duplicateTo = 0
  /** Where the peer's stream ends; -1 before that is known. */
  #finAt = -1
  #unacknowledged = 0
  #answeredAtMs = Number.NEGATIVE_INFINITY
  readonly #timestamps: Timestamps
  readonly #counters: Counters

  constructor(mss: number, window: ReceiveWindow, timestamps: Timestamps, counters: Counters) {
    this.mss = mss
    this.window = window
    this.#timestamps = timestamps
    this.#counters = counters
  }

  /** The position that is expected next. */
  get next(): number {
    return this.buffer.next + (this.hasEnded ? 1 : 0)
  }

  /** The peer's end came, and all before it. */
  get hasEnded(): boolean {
    return this.buffer.next === this.#finAt
  }

  /** And the application has read it. */
  get isReadToEnd(): boolean {
    return this.buffer.readAt === this.#finAt
  }

  /** Whether something can be told about bytes beyond what is missing, or about duplicates. */
  get hasBlocks(): boolean {
    return this.buffer.ranges.count > 0 || this.duplicateTo > this.duplicateFrom
  }

  /** Whether a segment is fit to be looked at: its acknowledgment first, then `take`. What is not gets its answer. */
  accepts(segment: Segment, nowMs: number): boolean {
    const { next } = this
    const position = positionOf(segment.seq, this.origin, next)
    const length = segment.end - segment.payload + (segment.flags & TCP_FIN)
    if (this.#timestamps.areUsed && !this.#isTimely(segment, position, length, nowMs)) return false
    if (length === 0) {
      // A position at the window's end is that of a peer that filled it. One before `next` is a probe, or late.
      if (position < next) this.#answer(nowMs)
      if (position <= this.window.edge + 1) return true
      this.#counters.unusual.outOfWindow++
      this.#answer(nowMs)
      return false
    }
    // What came before is dropped by `take`, but what it acknowledges is as good as ever.
    if (position < Math.max(this.window.edge, next + 1)) return true
    this.#counters.unusual.outOfWindow++
    this.ackNow = true
    return false
  }

  /** Takes bytes and end of a segment that was accepted. True when more can be read than before, or the end came. */
  take(segment: Segment, bytes: Uint8Array, nowMs: number): boolean {
    const size = segment.end - segment.payload
    const isEnd = (segment.flags & TCP_FIN) !== 0
    if (size === 0 && !isEnd) return false
    if (this.#timestamps.areUsed) this.window.sample(this.#timestamps.age(segment.tsecr, nowMs))
    const before = this.next
    const position = positionOf(segment.seq, this.origin, before)
    this.#note(position, position + size + (isEnd ? 1 : 0), before)
    const limit = this.#finAt < 0 ? this.window.edge : Math.min(this.#finAt, this.window.edge)
    const to = Math.min(position + size, limit)
    const wasWaiting = this.buffer.ranges.count > 0
    const had = this.buffer.next
    const isTaken =
      to > position && this.buffer.insert(position, bytes, segment.payload, segment.payload + to - position)
    if (to > position && !isTaken && to > before && !this.buffer.ranges.has(position, to))
      this.#counters.unusual.refused++
    if (isEnd && to === position + size) this.#end(to)
    const { next } = this
    this.#counters.bytesReceived += this.buffer.next - had
    this.#schedule(next === before || wasWaiting || isEnd || position < before, nowMs)
    return next > before
  }

  /** An acknowledgment was held back long enough. */
  expire(nowMs: number): void {
    if (nowMs < this.ackAtMs) return
    this.ackNow = true
    this.ackAtMs = Number.POSITIVE_INFINITY
  }

  /** A segment left, and told all that was owed. */
  told(): void {
    this.acknowledged = this.next
    this.ackNow = false
    this.ackAtMs = Number.POSITIVE_INFINITY
    this.#unacknowledged = 0
    this.duplicateTo = this.duplicateFrom
  }

  /** Timestamps of accepted segments are kept; PAWS drops the others (RFC 7323, 5.3). */
  #isTimely(segment: Segment, position: number, length: number, nowMs: number): boolean {
    const timestamps = this.#timestamps
    if (segment.hasTimestamp === 0) {
      this.#counters.unusual.wrongTimestamps++
      return false
    }
    if (timestamps.isOld(segment.tsval, nowMs)) {
      this.#counters.unusual.wrongTimestamps++
      if (length > 0) this.ackNow = true
      return false
    }
    if (position <= this.acknowledged && distance(timestamps.recent, segment.tsval) >= 0)
      timestamps.take(segment.tsval, nowMs)
    return true
  }

  /** Counts what is unusual, and keeps what came twice for the next acknowledgment. */
  #note(position: number, end: number, next: number): void {
    if (position > next) this.#counters.unusual.outOfOrder++
    if (end <= next || this.buffer.ranges.has(position, end)) {
      this.#counters.unusual.duplicatesReceived++
      this.duplicateFrom = position
      this.duplicateTo = end
    } else if (position < next) {
      this.duplicateFrom = position
      this.duplicateTo = next
    }
  }

  /** The stream ends at `position`, unless something else is known already. */
  #end(position: number): void {
    const { buffer } = this
    const { ranges } = buffer
    const last = ranges.count === 0 ? buffer.next : ranges.right[ranges.count - 1]!
    if (this.#finAt < 0 && position >= last) this.#finAt = position
    else if (this.#finAt !== position) this.#counters.unusual.refused++
  }

  /** RFC 9293, 3.8.6.3; RFC 5681, 4.2: at once when something is missing, or was, or came twice. */
  #schedule(atOnce: boolean, nowMs: number): void {
    if (atOnce || ++this.#unacknowledged >= SEGMENTS_PER_ACK) this.ackNow = true
    else if (this.ackAtMs === Number.POSITIVE_INFINITY) this.ackAtMs = nowMs + ACK_DELAY_MS
  }

  /** An answer to what brought nothing. */
  #answer(nowMs: number): void {
    if (nowMs - this.#answeredAtMs < ANSWER_GAP_MS) return
    this.#answeredAtMs = nowMs
    this.ackNow = true
  }
}
