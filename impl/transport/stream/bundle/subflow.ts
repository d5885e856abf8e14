/**
 * One flow of a stream that has several, as a hook of the flow's exchange (RFC 8684 calls it a subflow). Before each
 * segment it lends the flow the data that the scheduler chooses, and takes back what did not leave. It writes and reads
 * the DATA option.
 */
import { DATA_BYTES, HAS_DATA_ACK, HAS_DATA_END, HAS_DATA_SEQ } from '../../../../spec/wire/options.ts'
import { type Segment, TCP_FIN } from '../../../../spec/wire/segment.ts'
import type { Transport } from '../../transport.ts'
import type { Exchange } from '../exchange.ts'
import type { Ranges } from '../ranges.ts'
import { SACKED } from '../segments.ts'
import { positionOf, wireOf } from '../serial.ts'
import type { Bundle } from './bundle.ts'
import { FlowWindow } from './flowWindow.ts'
import { Goodput } from './goodput.ts'
import { Landing } from './landing.ts'
import { lateAt } from './lateness.ts'
import { Mapping } from './mapping.ts'

/** Results of `accept`. */
export const REFUSED = 0
const NOTHING_NEW = 1
export const NEWS = 2

export class Subflow {
  readonly exchange: Exchange
  /** The connection began with this flow. */
  readonly isFirst: boolean
  /** Carries data only while no other flow can. */
  isBackup: boolean
  isFrozen = false
  hasLeft = false
  /** Something has been outstanding for so long that the path may be dead, and nothing has been acknowledged since. */
  isSilent = false
  /** Silent, but no timer of the flow was due yet: other flows send its data only until it answers. */
  isLate = false
  /** In this round of the bundle the flow was asked and had no use for more data. */
  restedIn = -1
  /** It got nothing because a faster flow has to be asked first. */
  isPassed = false
  /** Up to this position of the data, `redundant` has sent in this flow, or need not. */
  reached = 0
  /** When another flow last sent data of this one because this one held it up. */
  penalizedAtMs = Number.NEGATIVE_INFINITY
  readonly goodput = new Goodput()
  /** As the host sees the flow. */
  readonly transport: Transport
  readonly #bundle: Bundle
  /** Undefined until the bundle begins. */
  #mapping: Mapping | undefined
  #landing: Landing | undefined
  /** The flow's position when data was lent. */
  #lentAt = 0
  #lentData = -1
  /** Before this position of the flow everything was given to other flows already. */
  #givenTo = 0
  /** When something last arrived. */
  #heardAtMs = Number.NEGATIVE_INFINITY

  constructor(bundle: Bundle, exchange: Exchange, transport: Transport, isBackup: boolean) {
    this.#bundle = bundle
    this.exchange = exchange
    this.transport = transport
    this.isFirst = transport === bundle.owner
    this.isBackup = isBackup
    exchange.subflow = this
  }

  /** True if the flow can carry acknowledgments: its handshake is over. */
  get isOpen(): boolean {
    return this.exchange.outbound.una > 0 && !this.isFrozen && !this.hasLeft
  }

  /** True if the flow can carry data. The first flow cannot if it has sent the end of the data before others joined. */
  get carriesData(): boolean {
    return this.isOpen && this.exchange.outbound.finAt < 0
  }

  get memory(): number {
    const { inbound, outbound } = this.exchange
    return this.#mapping === undefined ? 0 : inbound.buffer.memory + outbound.memory
  }

  /** Makes the flow's driver call `send`. */
  wake(): void {
    this.transport.driver?.wake()
  }

  /** From now on positions of this flow are not those of the data. */
  attach(): void {
    const { source, inbound: data } = this.#bundle
    const { inbound, outbound } = this.exchange
    this.#mapping = new Mapping(source, Math.max(1, outbound.next), this.isFirst)
    this.#landing = new Landing(inbound.buffer, data)
    outbound.share(this.#mapping, this.isFirst ? DATA_BYTES : 0)
    inbound.share(this.#landing, new FlowWindow(this.#landing, data, () => this.#bundle.isSlowest(this)))
    if (this.isFrozen) this.give(false)
  }

  /** The handshake of the flow is over. */
  opened(): void {
    if (!this.isFirst) this.#bundle.opened()
  }

  /** Lends the flow data for its next segment. */
  lend(nowMs: number): void {
    const mapping = this.#mapping
    if (mapping === undefined) return
    const { outbound } = this.exchange
    const { source, scheduler } = this.#bundle
    this.#lentAt = outbound.next
    this.#lentData = -1
    this.isPassed = false
    const offer = this.carriesData ? scheduler.offer(this, nowMs) : undefined
    if (offer === undefined) return
    this.#lentData = offer.from
    mapping.end = outbound.next + offer.to - offer.from
    outbound.edge = outbound.next + offer.edge - offer.from
    outbound.noDelay = source.noDelay || (source.isEnding && offer.to === source.limit)
  }

  /** Takes back what was lent and did not leave. */
  settle(): void {
    const mapping = this.#mapping
    if (mapping === undefined || this.#lentData < 0) return
    const { next } = this.exchange.outbound
    mapping.end = Math.max(this.#lentAt, next)
    if (next > this.#lentAt) {
      mapping.add(this.#lentAt, this.#lentData)
      this.#bundle.scheduler.left(this, this.#lentData, this.#lentData + next - this.#lentAt)
    }
  }

  /** The flow has nothing more to send now: others may. */
  rest(): void {
    if (this.#mapping !== undefined) this.#bundle.rested(this)
  }

  /** Writes the DATA option of a segment with `length` bytes from `start` on. */
  mark(segment: Segment, start: number, length: number): void {
    const mapping = this.#mapping
    if (mapping === undefined) return
    const { source, inbound } = this.#bundle
    segment.data = HAS_DATA_ACK
    segment.dataAck = wireOf(inbound.next, inbound.origin)
    if (length === 0 && (segment.flags & TCP_FIN) === 0) return
    const data = mapping.dataAt(start)
    segment.dataSeq = wireOf(data, source.origin)
    segment.data |= HAS_DATA_SEQ
    if (length > 0 && data + length > source.buffer.end) segment.data |= HAS_DATA_END
  }

  /**
   * Takes the DATA option of a segment at `seq` that passed every check of the flow and acknowledges up to `ack`; also
   * its bytes, unless it `isBare`.
   */
  accept(
    bytes: Uint8Array,
    segment: Segment,
    seq: number,
    ack: number,
    isBare: boolean,
    isCrowded: boolean,
    nowMs: number,
  ): number {
    if (this.hasLeft) return REFUSED
    if (this.#mapping === undefined) {
      if (segment.data === 0) return NOTHING_NEW
      this.#bundle.begin()
    }
    const { inbound, outbound, counters } = this.exchange
    this.#heardAtMs = nowMs
    if (this.isLate) this.#answered()
    if (ack > outbound.una) {
      this.isSilent = false
      this.goodput.add(ack - outbound.una, nowMs)
      this.#bundle.couple()
    }
    const took = this.#takeAck(segment, ack)
    if (took === REFUSED) {
      counters.unusual.wrongAcknowledgments++
      inbound.answer(nowMs)
      return REFUSED
    }
    if (took === NEWS || ack > outbound.una) this.#bundle.changed()
    if (isBare) return took
    const placed = this.#takeBytes(bytes, segment, seq, isCrowded, nowMs)
    return placed === NOTHING_NEW ? took : placed
  }

  /** When other flows should begin to send what is in flight here; Infinity for never. */
  get lateAtMs(): number {
    return this.isSilent || this.#mapping === undefined || this.#bundle.flows.length < 2
      ? Number.POSITIVE_INFINITY
      : lateAt(this.exchange, this.#heardAtMs)
  }

  /** A timer of the flow was due. If its path may be dead, other flows send its data. */
  expired(nowMs: number): void {
    if (this.#mapping === undefined) return
    const { roundTrip, flight } = this.exchange.outbound
    this.#bundle.changed()
    if (flight === undefined) return
    if (flight.timers.tail.isDue || roundTrip.hasTimedOut) {
      if (this.isLate) this.#bundle.source.confirmDoubts()
      this.isSilent = true
      this.isLate = false
      this.give(false)
    } else if (nowMs >= this.lateAtMs) this.#miss()
  }

  /** The peer is silent for longer than this end's user expects. The user does not wait for the timers of the flow. */
  doubt(): void {
    const { flight } = this.exchange.outbound
    if (this.#mapping !== undefined && !this.isSilent && (flight?.segments.flight ?? 0) > 0) this.#miss()
  }

  /** The flow is late. */
  #miss(): void {
    const bundle = this.#bundle
    this.isSilent = this.isLate = true
    this.#offer(0, bundle.source.doubtful)
    this.#givenTo = this.exchange.outbound.next
    bundle.wake()
  }

  /** The flow was only late. */
  #answered(): void {
    this.isSilent = this.isLate = false
    this.#givenTo = 0
    this.#bundle.forgetDoubts()
  }

  /** Other flows send what is in flight here. `isAll`: also what they were given before. */
  give(isAll: boolean): void {
    // There are no others yet.
    if (this.#mapping === undefined) return
    this.#offer(isAll ? 0 : this.#givenTo, this.#bundle.source.again)
    this.#givenTo = this.exchange.outbound.next
    this.#bundle.changed()
  }

  /** Adds what is in flight from a position of the flow on. */
  #offer(from: number, ranges: Ranges): void {
    const { flight } = this.exchange.outbound
    const mapping = this.#mapping
    if (mapping === undefined || flight === undefined) return
    const { segments } = flight
    for (let i = segments.indexFrom(from); i < segments.tail; i++) {
      const place = i & segments.mask
      if ((segments.flags[place] as number) & SACKED) continue
      const data = mapping.dataAt(segments.start[place] as number)
      this.#bundle.source.repeat(data, data + (segments.length[place] as number), ranges)
    }
  }

  /** The path is lost: other flows send what is in flight here. */
  freeze(): void {
    this.isFrozen = true
    this.give(false)
    this.#bundle.wake()
  }

  thaw(): void {
    this.isFrozen = false
    this.#bundle.changed()
  }

  /** Returns how many bytes from `data` on are in flight here, in one piece. */
  holds(data: number): number {
    const { outbound } = this.exchange
    return this.#mapping === undefined ? 0 : this.#mapping.holds(data, outbound.una, outbound.next)
  }

  #takeAck(segment: Segment, ack: number): number {
    const bundle = this.#bundle
    const { source } = bundle
    let dataAck = ack
    if (segment.data & HAS_DATA_ACK) dataAck = positionOf(segment.dataAck, source.origin, source.una)
    // The peer sent this before it knew of several flows, or it tells nothing.
    else if (ack > (this.#mapping as Mapping).identityEnd) return NOTHING_NEW
    if (dataAck > source.next) return REFUSED
    const window = segment.window * (1 << Math.max(0, this.exchange.outbound.scale))
    if (source.open(dataAck + window, window)) bundle.windowOpened()
    this.exchange.outbound.largestWindow = source.largestWindow
    if (!source.acknowledge(dataAck)) return NOTHING_NEW
    if (source.isDone) bundle.finished()
    return NEWS
  }

  #takeBytes(bytes: Uint8Array, segment: Segment, seq: number, isCrowded: boolean, nowMs: number): number {
    const data = this.#bundle.inbound
    const { inbound, counters } = this.exchange
    const landing = this.#landing as Landing
    let position = seq
    if (segment.data & HAS_DATA_SEQ) position = positionOf(segment.dataSeq, data.origin, data.next)
    else if (!this.isFirst) {
      counters.unusual.malformed++
      return REFUSED
    }
    const { end, flags } = segment
    const trailer = segment.data & HAS_DATA_END && end > segment.payload ? 1 : 0
    if (position + end - trailer - segment.payload > data.window.edge) {
      counters.unusual.outOfWindow++
      inbound.answer(nowMs)
      return REFUSED
    }
    landing.shift = position - seq
    landing.trailer = trailer
    // At the level of the data, the end has no byte but a flag.
    segment.end -= trailer
    if (trailer) segment.flags |= TCP_FIN
    const isNews = data.take(segment, bytes, position, isCrowded, nowMs)
    segment.end = end
    segment.flags = flags
    data.told()
    // The peer waits for the acknowledgment of the end, and nothing follows that would cause one.
    if (trailer > 0) inbound.ackNow = true
    return isNews ? NEWS : NOTHING_NEW
  }
}
