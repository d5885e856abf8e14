/** A stream and a peer played by hand: tests read each segment that leaves and write each one that arrives. */
import { must } from '../../../../checker/text/at.ts'
import { ACK, SYN, SYNACK } from '../../../../spec/machines/flow/packets.ts'
import {
  decodeSegment,
  encodeSegmentHeader,
  newSegment,
  type Segment,
  TCP_ACK,
  TCP_FIN,
  TCP_PSH,
  TCP_SYN,
} from '../../../../spec/wire/segment.ts'
import type { StreamOptions } from '../options.ts'
import { Stream } from '../stream.ts'
import { bytesAt } from './transfer.ts'

const PACKET_BYTES = 2048

/** A segment in positions: on both sides, 0 is the SYN and 1 the first byte. */
export interface Said {
  readonly seq: number
  readonly ack: number
  readonly size: number
  /** As in the header: unscaled. */
  readonly window: number
  readonly fin: boolean
  readonly psh: boolean
  /** Ranges in the order of the option. */
  readonly sack: readonly (readonly [number, number])[]
  readonly tsval: number
  readonly tsecr: number
}

/** Fields of the peer's segment; omitted ones keep their values. */
export interface Saying {
  readonly seq?: number
  readonly ack?: number
  /** The number of bytes from the known sequence, or the bytes themselves. */
  readonly size?: number
  readonly bytes?: Uint8Array
  readonly window?: number
  readonly fin?: boolean
  readonly flags?: number
  readonly sack?: readonly (readonly [number, number])[]
  readonly tsval?: number
  readonly tsecr?: number
  readonly withoutTimestamp?: boolean
}

export interface HandOptions extends Partial<StreamOptions> {
  /** The peer's options in the handshake. */
  readonly peerMss?: number
  readonly peerScale?: number
  readonly peerSack?: boolean
  readonly peerTimestamps?: boolean
  readonly peerSequence?: number
  readonly peerWindow?: number
  readonly startMs?: number
  readonly roundTripMs?: number
}

export class Hand {
  readonly stream: Stream
  nowMs: number
  /** The peer's state: the next position to send and to receive, and its window. */
  seq = 1
  ack = 1
  window: number
  readonly origin: number
  readonly peerOrigin: number
  hasTimestamps: boolean
  /** The peer's clock. */
  tsval = 1000
  /** The size of the packets that the stream may fill. */
  packetBytes = PACKET_BYTES
  readonly #out = new Uint8Array(PACKET_BYTES)
  #lastTsval = 0

  /** The stream is the client of a handshake that takes `roundTripMs`. */
  constructor(options: HandOptions = {}) {
    const { peerMss = 1012, peerScale = 0, peerSack = true, peerTimestamps = true, ...rest } = options
    const { peerSequence = 5000, peerWindow = 60_000, startMs = 0, roundTripMs = 20, ...streamOptions } = rest
    this.nowMs = startMs
    this.window = peerWindow
    this.origin = streamOptions.initialSequence ?? 1000
    this.peerOrigin = peerSequence
    this.stream = new Stream({ initialSequence: this.origin, ...streamOptions })
    const end = this.stream.writeHandshake(SYN, this.#out, 0, this.nowMs)
    const syn = newSegment()
    decodeSegment(this.#out, 0, end, syn)
    this.#lastTsval = syn.tsval
    this.hasTimestamps = peerTimestamps && syn.hasTimestamp === 1
    this.nowMs += roundTripMs
    const answer = newSegment()
    answer.seq = peerSequence
    answer.ack = (this.origin + 1) >>> 0
    answer.flags = TCP_SYN | TCP_ACK
    answer.window = peerWindow
    answer.mss = peerMss
    answer.windowScale = peerScale
    answer.sackPermitted = peerSack ? 1 : 0
    this.#stamp(answer, {})
    const last = encodeSegmentHeader(answer, this.#out, 0)
    if (!this.stream.readHandshake(SYNACK, this.#out, 0, last, this.nowMs)) throw new Error('SYN-ACK refused')
    this.stream.writeHandshake(ACK, this.#out, 0, this.nowMs)
  }

  /** Returns everything that the stream sends now. */
  take(): Said[] {
    const said: Said[] = []
    for (;;) {
      const end = this.stream.send(this.#out.subarray(0, this.packetBytes), 0, this.nowMs)
      if (end === 0) return said
      said.push(this.#read(end))
    }
  }

  /** Delivers a segment from the peer. Its bytes are the known sequence from its position on. */
  say(saying: Saying = {}): this {
    const segment = newSegment()
    const seq = saying.seq ?? this.seq
    const bytes = saying.bytes ?? bytesAt(seq - 1, saying.size ?? 0)
    this.ack = saying.ack ?? this.ack
    this.window = saying.window ?? this.window
    segment.seq = (this.peerOrigin + seq) >>> 0
    segment.ack = (this.origin + this.ack) >>> 0
    segment.flags = saying.flags ?? TCP_ACK | (saying.fin ? TCP_FIN : 0)
    segment.window = this.window
    for (const [left, right] of saying.sack ?? []) {
      segment.sackLeft[segment.sackCount] = this.origin + left
      segment.sackRight[segment.sackCount++] = this.origin + right
    }
    if (!saying.withoutTimestamp) this.#stamp(segment, saying)
    const packet = new Uint8Array(PACKET_BYTES)
    const at = encodeSegmentHeader(segment, packet, 0)
    packet.set(bytes, at)
    this.seq = Math.max(this.seq, seq + bytes.length + (saying.fin ? 1 : 0))
    this.stream.receive(packet, 0, at + bytes.length, this.nowMs)
    return this
  }

  /** Lets time pass, with all that is due. Returns the segments that leave, with their times. */
  wait(ms: number): (Said & { readonly atMs: number })[] {
    const untilMs = this.nowMs + ms
    const said: (Said & { readonly atMs: number })[] = []
    for (;;) {
      for (const one of this.take()) said.push({ ...one, atMs: this.nowMs })
      const next = this.stream.nextTimeout()
      if (next > untilMs) break
      this.nowMs = Math.max(this.nowMs, next)
      this.stream.expire(this.nowMs)
    }
    this.nowMs = untilMs
    return said
  }

  /** Writes `size` more bytes to the stream. */
  write(size: number): this {
    this.stream.write(bytesAt(0, size))
    return this
  }

  #stamp(segment: Segment, saying: Saying): void {
    if (!this.hasTimestamps) return
    segment.hasTimestamp = 1
    this.tsval = saying.tsval ?? this.tsval
    segment.tsval = this.tsval
    segment.tsecr = saying.tsecr ?? this.#lastTsval
  }

  #read(end: number): Said {
    const segment = newSegment()
    if (decodeSegment(this.#out, 0, end, segment) !== 0)
      throw new Error('the stream sent an unreadable segment')
    this.#lastTsval = segment.tsval
    const sack = Array.from(
      { length: segment.sackCount },
      (_, i) =>
        [
          (must(segment.sackLeft[i]) - this.peerOrigin) | 0,
          (must(segment.sackRight[i]) - this.peerOrigin) | 0,
        ] as const,
    )
    return {
      seq: (segment.seq - this.origin) | 0,
      ack: (segment.ack - this.peerOrigin) | 0,
      size: segment.end - segment.payload,
      window: segment.window,
      fin: (segment.flags & TCP_FIN) !== 0,
      psh: (segment.flags & TCP_PSH) !== 0,
      sack,
      tsval: segment.tsval,
      tsecr: segment.tsecr,
    }
  }
}
