/**
 * A reliable stream of bytes inside one flow: TCP's data transfer (RFC 9293, 3.8). SAL opens, resets and closes the
 * connection. Sans-I/O: `Transport` describes who calls what.
 */
import type { Transport, TransportDriver } from '../transport.ts'
import { StreamError } from './errors.ts'
import { Exchange } from './exchange.ts'
import { type StreamOptions, settingsOf } from './options.ts'
import type { StreamStatistics } from './statistics.ts'

const TCP = 6
/** The default size of one read. */
const MOST_READ = 65_536

export class Stream implements Transport {
  driver: TransportDriver | undefined
  /** Called when there is more to read. */
  onReadable: (() => void) | undefined
  /** Called when there is room again, after `write` returned false. */
  onDrain: (() => void) | undefined
  /** Called when the peer has finished and everything has been read. */
  onEnd: (() => void) | undefined
  /** Called when everything written, and the FIN, are acknowledged. */
  onFinished: (() => void) | undefined
  readonly #highWater: number
  readonly #exchange: Exchange
  /** The latest known time, for calls by the application between two packets. */
  #nowMs = 0
  #isFrozen = false
  #isDestroyed = false
  #owesDrain = false
  #hasToldEnd = false
  #hasToldFinished = false

  /** Throws STREAM_OPTION. */
  constructor(options: StreamOptions) {
    const settings = settingsOf(options)
    this.#highWater = settings.highWater
    this.#exchange = new Exchange(settings)
  }

  get protocol(): number {
    return TCP
  }

  /** Whether small segments leave immediately while others are in flight (RFC 9293, 3.7.4). */
  get noDelay(): boolean {
    return this.#exchange.outbound.noDelay
  }

  set noDelay(value: boolean) {
    this.#exchange.outbound.noDelay = value
    this.driver?.wake()
  }

  /** Bytes written and not yet acknowledged. */
  get bufferedToSend(): number {
    return this.#exchange.outbound.buffer.size
  }

  /** Bytes that can be read now. */
  get readable(): number {
    return this.#exchange.inbound.buffer.readable
  }

  /** Bytes of memory that this stream holds: whole pieces, however full, and their bookkeeping. */
  get buffered(): number {
    return this.#exchange.inbound.buffer.memory + this.#exchange.outbound.memory
  }

  get finished(): boolean {
    return this.#exchange.outbound.isDone
  }

  get peerFinished(): boolean {
    return this.#exchange.inbound.isReadToEnd
  }

  get timeouts(): number {
    return this.#exchange.outbound.roundTrip.timeouts
  }

  get statistics(): StreamStatistics {
    const { outbound, inbound, counters } = this.#exchange
    const { roundTrip, cubic } = outbound
    return {
      ...counters.all,
      roundTripMs: roundTrip.smoothedMs,
      leastRoundTripMs: roundTrip.leastMs,
      timeoutMs: roundTrip.timeoutMs,
      segmentBytes: outbound.mss,
      congestionWindow: cubic.window,
      slowStartThreshold: cubic.threshold,
      inFlight: outbound.flight?.segments.flight ?? 0,
      peerWindow: Math.max(0, outbound.edge - outbound.una),
      receiveWindow: inbound.window.limit,
    }
  }

  /**
   * Queues a copy of `bytes`. Returns false if enough is waiting; the bytes are queued all the same, and `onDrain` is
   * called when there is room again. Throws STREAM_FINISHED after `finish`. After `destroy` it does nothing.
   */
  write(bytes: Uint8Array): boolean {
    if (!this.#mayWrite()) return false
    this.#exchange.outbound.buffer.write(bytes)
    return this.#written()
  }

  /**
   * Returns the next bytes, at most `most`, which then belong to the caller. There may be more. Undefined if there are
   * none.
   */
  read(most = MOST_READ): Buffer | undefined {
    const bytes = this.#exchange.inbound.buffer.read(most)
    if (bytes !== undefined) this.#wasRead()
    return bytes
  }

  /** Copies the next bytes to `target` and returns their number. */
  readInto(target: Uint8Array): number {
    const count = this.#exchange.inbound.buffer.readInto(target)
    if (count > 0) this.#wasRead()
    return count
  }

  /** Sends an empty segment that the peer must answer (RFC 9293, 3.8.4), to see whether it is alive. */
  probe(): void {
    this.#exchange.outbound.fly().timers.mustProbeWindow = true
    this.driver?.wake()
  }

  writeHandshake(kind: number, out: Uint8Array, at: number, now: number): number {
    return this.#exchange.writeHandshake(kind, out, at, now)
  }

  readHandshake(kind: number, bytes: Uint8Array, start: number, end: number, now: number): boolean {
    if (this.#isDestroyed) return false
    this.#nowMs = now
    const isRight = this.#exchange.readHandshake(kind, bytes, start, end, now)
    if (isRight) this.#tell()
    return isRight
  }

  readUnkept(
    kind: number,
    mask: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: number,
  ): boolean {
    this.#nowMs = now
    const isRight = this.#exchange.readUnkept(kind, mask, bytes, start, end, now)
    if (isRight) this.#tell()
    return isRight
  }

  receive(bytes: Uint8Array, start: number, end: number, now: number): void {
    if (this.#isDestroyed) return
    this.#nowMs = now
    const isCrowded = this.driver?.isCrowded ?? false
    if (this.#exchange.receive(bytes, start, end, isCrowded, now)) this.#tell()
  }

  send(out: Uint8Array, at: number, now: number): number {
    if (this.#isFrozen || this.#isDestroyed) return at
    const end = this.#exchange.send(out, at, now)
    if (end > at || !this.#owesDrain || !this.#isDrained) return end
    // Calls the application only now, in a consistent state, because it may write more.
    this.#owesDrain = false
    this.onDrain?.()
    return this.#isDestroyed ? at : this.#exchange.send(out, at, now)
  }

  nextTimeout(): number {
    if (this.#isFrozen || this.#isDestroyed) return Number.POSITIVE_INFINITY
    return this.#exchange.nextTimeout()
  }

  expire(now: number): void {
    if (this.#isFrozen || this.#isDestroyed) return
    this.#nowMs = now
    this.#exchange.expire(now)
  }

  freeze(): void {
    this.#isFrozen = true
  }

  thaw(now: number, fresh: boolean): void {
    this.#isFrozen = false
    if (!this.#isDestroyed) this.#exchange.thaw(now, fresh)
  }

  change(now: number): void {
    if (!this.#isDestroyed) this.#exchange.change(now)
  }

  retry(now: number): void {
    if (this.#isFrozen || this.#isDestroyed) return
    this.#nowMs = now
    this.#exchange.retry(now)
    this.driver?.wake()
  }

  finish(_now: number): void {
    const { outbound } = this.#exchange
    if (outbound.isEnding || this.#isDestroyed) return
    outbound.isEnding = true
    this.driver?.wake()
  }

  confirmEnd(_now: number): void {
    if (this.#isDestroyed) return
    this.#exchange.inbound.confirmEnd()
    this.#tellEnd()
  }

  destroy(): void {
    this.#isDestroyed = true
    this.#exchange.clear()
    this.driver = this.onReadable = this.onDrain = this.onEnd = this.onFinished = undefined
  }

  get #isDrained(): boolean {
    return this.#exchange.outbound.unsent <= this.#highWater / 2
  }

  #mayWrite(): boolean {
    if (this.#isDestroyed) return false
    if (this.#exchange.outbound.isEnding)
      throw new StreamError('STREAM_FINISHED', 'bytes were written after finish: write before it')
    return true
  }

  #written(): boolean {
    if (this.#exchange.outbound.unsent > this.#highWater) this.#owesDrain = true
    this.driver?.wake()
    return !this.#owesDrain
  }

  #wasRead(): void {
    // Reading the last bytes also reads the end, which the flow may have been waiting for.
    if (this.#exchange.wasRead(this.#nowMs) || this.peerFinished) this.driver?.wake()
    this.#tellEnd()
  }

  /** Calls the application's callbacks, in a consistent state. */
  #tell(): void {
    if (this.readable > 0) this.onReadable?.()
    this.#tellEnd()
    if (this.finished && !this.#hasToldFinished) {
      this.#hasToldFinished = true
      this.onFinished?.()
    }
  }

  #tellEnd(): void {
    if (this.#hasToldEnd || !this.peerFinished) return
    this.#hasToldEnd = true
    this.onEnd?.()
  }
}
