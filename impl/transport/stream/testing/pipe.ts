/** Two streams, connected by two paths in virtual time. Plays the part of SAL for both. */
import { ACK, SYN, SYNACK } from '../../../../spec/machines/flow/packets.ts'
import { sealSegment, segmentIsIntact } from '../../../../spec/wire/segment.ts'
import type { StreamOptions } from '../options.ts'
import { Stream } from '../stream.ts'
import { Path, type PathOptions, type Random, randomOf } from './path.ts'

const PACKET_BYTES = 2048
/** The most packets in one flush. More means that a stream never stops sending. */
const MOST_AT_ONCE = 20_000

export interface PipeOptions {
  readonly seed?: number
  readonly client?: Partial<StreamOptions>
  readonly server?: Partial<StreamOptions>
  readonly there?: PathOptions
  readonly back?: PathOptions
  readonly startMs?: number
}

/** One end: its stream, and the path that leads away from it. */
export class End {
  readonly stream: Stream
  readonly path: Path
  readonly #out = new Uint8Array(PACKET_BYTES)
  /** Called with a copy of each packet that left, and the time. */
  onPacket: ((bytes: Uint8Array, nowMs: number) => void) | undefined

  constructor(stream: Stream, path: Path) {
    this.stream = stream
    this.path = path
  }

  flush(nowMs: number): number {
    for (let count = 0; ; count++) {
      const end = this.stream.send(this.#out, 0, nowMs)
      if (end === 0) return count
      if (count > MOST_AT_ONCE) throw new Error('the stream sends without end')
      this.put(end, nowMs)
    }
  }

  put(end: number, nowMs: number): void {
    sealSegment(this.#out, 0, end, 0)
    this.onPacket?.(this.#out.slice(0, end), nowMs)
    this.path.send(this.#out.subarray(0, end), nowMs)
  }
}

export class Pipe {
  nowMs: number
  readonly client: End
  readonly server: End
  readonly random: Random

  constructor(options: PipeOptions = {}) {
    this.random = randomOf(options.seed ?? 1)
    this.nowMs = options.startMs ?? 0
    const there = options.there ?? {}
    this.client = new End(
      new Stream({ ...numbers(this.random), ...options.client }),
      new Path(there, this.random),
    )
    const server = new Stream({ ...numbers(this.random), ...options.server })
    this.server = new End(server, new Path(options.back ?? there, this.random))
  }

  /** Performs the handshake. SAL would retransmit until its packets arrive, so none is lost here. */
  open(): this {
    const { client, server } = this
    this.#shake(client, SYN, server)
    this.#shake(server, SYNACK, client)
    this.#shake(client, ACK, server)
    return this.flush()
  }

  flush(): this {
    this.client.flush(this.nowMs)
    this.server.flush(this.nowMs)
    return this
  }

  /** When the next event is due; Infinity if none. */
  get nextMs(): number {
    const { client, server } = this
    return Math.min(
      client.path.nextMs,
      server.path.nextMs,
      client.stream.nextTimeout(),
      server.stream.nextTimeout(),
    )
  }

  /** Runs until nothing is left to do, `isDone` returns true, or the time is `untilMs`. */
  run(untilMs = Number.POSITIVE_INFINITY, isDone: () => boolean = () => false): this {
    this.flush()
    while (!isDone()) {
      const next = this.nextMs
      if (next > untilMs || next === Number.POSITIVE_INFINITY) {
        if (untilMs < Number.POSITIVE_INFINITY) this.nowMs = Math.max(this.nowMs, untilMs)
        break
      }
      this.nowMs = Math.max(this.nowMs, next)
      this.#deliver(this.client, this.server)
      this.#deliver(this.server, this.client)
      for (const { stream } of [this.client, this.server])
        if (stream.nextTimeout() <= this.nowMs) stream.expire(this.nowMs)
      this.flush()
      this.#confirmEnds()
    }
    return this
  }

  /** SAL sends its FIN once an end is acknowledged, and retransmits it until it arrives. */
  #confirmEnds(): void {
    const { client, server } = this
    if (client.stream.finished) server.stream.confirmEnd(this.nowMs)
    if (server.stream.finished) client.stream.confirmEnd(this.nowMs)
  }

  #deliver(from: End, to: End): void {
    for (const bytes of from.path.arrived(this.nowMs)) {
      if (!segmentIsIntact(bytes, 0, bytes.length, 0)) continue
      to.stream.receive(bytes, 0, bytes.length, this.nowMs)
      to.flush(this.nowMs)
    }
  }

  #shake(from: End, kind: number, to: End): void {
    const bytes = new Uint8Array(PACKET_BYTES)
    const end = from.stream.writeHandshake(kind, bytes, 0, this.nowMs)
    this.nowMs += from.path.options.latencyMs ?? 0
    if (!to.stream.readHandshake(kind, bytes, 0, end, this.nowMs)) throw new Error('the handshake failed')
  }
}

const numbers = (random: Random) => ({
  initialSequence: Math.floor(random() * 2 ** 32),
  timestampOffset: Math.floor(random() * 2 ** 32),
})
