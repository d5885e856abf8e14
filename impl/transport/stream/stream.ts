/**
 * A reliable stream of bytes inside one flow: TCP's data transfer (RFC 9293, 3.8). SAL opens, resets and closes the
 * connection. Sans-I/O: `Transport` describes who calls what.
 */
import { must } from '../../../checker/text/at.ts'
import { PROTOCOL_STREAM } from '../../../spec/wire/format.ts'
import type { Transport, TransportDriver, TransportUser } from '../transport.ts'
import { Bundle, type Owner } from './bundle/bundle.ts'
import { type FlowStatistics, flowStatisticsOf, sumOf } from './bundle/flowStatistics.ts'
import { JoinedFlow } from './bundle/joinedFlow.ts'
import type { SchedulerName } from './bundle/scheduler.ts'
import type { Source } from './bundle/source.ts'
import { StreamError } from './errors.ts'
import { Exchange } from './exchange.ts'
import type { Inbound } from './inbound.ts'
import { type StreamOptions, settingsOf } from './options.ts'
import type { Outbound } from './outbound.ts'
import type { ReceiveBuffer } from './receiveBuffer.ts'
import type { SendBuffer } from './sendBuffer.ts'
import { type StreamStatistics, statisticsOf } from './statistics.ts'

/** The default size of one read. */
const MOST_READ = 65_536

/** Hears of a stream, which calls it in a consistent state. */
export interface StreamUser extends TransportUser {
  /** The peer has finished, and everything has been read. */
  onEnd?(): void
  /** Everything written, and the FIN, are acknowledged. */
  onFinished?(): void
}

export class Stream implements Owner {
  driver: TransportDriver | undefined
  user: StreamUser | undefined
  readonly #highWater: number
  /** Of the first flow, which is the only one of most streams. */
  readonly #exchange: Exchange
  /** Set once a further flow joins. */
  #bundle: Bundle | undefined
  /** The latest known time, for calls by the application between two packets. */
  #nowMs = 0
  #isFrozen = false
  #isDestroyed = false
  /** The application waits for `onDrain`. */
  owesDrain = false
  #hasToldEnd = false
  #hasToldFinished = false

  /** Throws STREAM_OPTION. */
  constructor(options: StreamOptions) {
    const settings = settingsOf(options)
    this.#highWater = settings.highWater
    this.#exchange = new Exchange(settings)
  }

  /** The halves that the application uses: of the first flow, and once there are several, of the data. */
  get #sender(): Outbound | Source {
    return this.#bundle?.hasBegun ? this.#bundle.source : this.#exchange.outbound
  }

  get #receiver(): Inbound {
    return this.#bundle?.hasBegun ? this.#bundle.inbound : this.#exchange.inbound
  }

  get #toSend(): SendBuffer {
    return this.#sender.buffer as SendBuffer
  }

  get #received(): ReceiveBuffer {
    return this.#receiver.buffer as ReceiveBuffer
  }

  get protocol(): number {
    return PROTOCOL_STREAM
  }

  /** Whether small segments leave immediately while others are in flight (RFC 9293, 3.7.4). */
  get noDelay(): boolean {
    return this.#sender.noDelay
  }

  set noDelay(value: boolean) {
    this.#sender.noDelay = value
    this.#wake()
  }

  /** Bytes written and not yet acknowledged. */
  get bufferedToSend(): number {
    return this.#toSend.size
  }

  /** Bytes that can be read now. */
  get readable(): number {
    return this.#received.readable
  }

  /** Bytes of memory that this stream holds: whole pieces, however full, and their bookkeeping. */
  get buffered(): number {
    const bundle = this.#bundle
    return bundle?.hasBegun
      ? bundle.memoryOf(must(this.#exchange.subflow))
      : this.#received.memory + this.#exchange.outbound.memory
  }

  get finished(): boolean {
    return this.#sender.isDone
  }

  get peerFinished(): boolean {
    return this.#receiver.isReadToEnd
  }

  get hasHeardEnd(): boolean {
    return this.#receiver.hadEnd
  }

  /** True if the peer's data and its end have arrived, whether or not they have been read. SAL's FIN may still have to confirm it. */
  get peerHasEnded(): boolean {
    return this.#receiver.hasEnded
  }

  get timeouts(): number {
    return this.#exchange.timeouts
  }

  /** As in `statistics`, without the rest. */
  get segmentsReceived(): number {
    if (this.#bundle?.hasBegun) return this.statistics.segmentsReceived
    return this.#exchange.counters.segmentsReceived
  }

  get statistics(): StreamStatistics {
    const bundle = this.#bundle
    return bundle?.hasBegun ? sumOf(bundle) : statisticsOf(this.#exchange)
  }

  /** Statistics of each flow that has not left, in the order of joining; none if there was never more than one. */
  get flows(): readonly (FlowStatistics & { readonly transport: Transport })[] {
    const flows = this.#bundle?.flows ?? []
    return flows.map(flow => ({ ...flowStatisticsOf(flow, this.#nowMs), transport: flow.transport }))
  }

  /** How the flows share the data. Default `minRtt`. */
  get scheduler(): SchedulerName {
    return this.#bundle?.scheduler.name ?? 'minRtt'
  }

  set scheduler(name: SchedulerName) {
    this.#join().scheduler.name = name
    this.#wake()
  }

  /** Whether all flows together take as much of a shared bottleneck as one flow would. Default true. */
  get isCoupled(): boolean {
    return this.#bundle?.isCoupled ?? true
  }

  set isCoupled(value: boolean) {
    this.#join().isCoupled = value
  }

  /** A backup carries data only while no other flow can. Applies to this end's data. */
  setBackup(transport: Transport, isBackup: boolean): void {
    const flow = this.#bundle?.flows.find(one => one.transport === transport)
    if (flow === undefined) return
    flow.isBackup = isBackup
    this.#wake()
  }

  /**
   * Queues a copy of `bytes`. Returns false if enough is waiting; the bytes are queued all the same, and `onDrain` is
   * called when there is room again. Throws STREAM_FINISHED after `finish`. After `destroy` it does nothing.
   */
  write(bytes: Uint8Array): boolean {
    if (!this.#mayWrite()) return false
    this.#toSend.write(bytes)
    return this.#written()
  }

  /**
   * Returns the next bytes, at most `most`, which then belong to the caller. There may be more. Undefined if there are
   * none.
   */
  read(most = MOST_READ): Buffer | undefined {
    const bytes = this.#received.read(most)
    if (bytes !== undefined) this.#wasRead()
    return bytes
  }

  /** Copies the next bytes to `target` and returns their number. */
  readInto(target: Uint8Array): number {
    const count = this.#received.readInto(target)
    if (count > 0) this.#wasRead()
    return count
  }

  /** Sends an empty segment that the peer must answer (RFC 9293, 3.8.4), to see whether it is alive. */
  probe(): void {
    const open = this.#bundle?.hasBegun ? this.#bundle.flows.filter(flow => flow.isOpen) : []
    const exchanges = open.length > 0 ? open.map(flow => flow.exchange) : [this.#exchange]
    for (const { outbound } of exchanges) outbound.fly().timers.mustProbeWindow = true
    this.#wake()
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
    if (end > at || !this.drain()) return end
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
    this.#exchange.subflow?.freeze()
  }

  thaw(now: number, fresh: boolean): void {
    if (this.#exchange.subflow?.hasLeft) return
    this.#isFrozen = false
    this.#exchange.subflow?.thaw()
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
    if (this.#sender.isEnding || this.#isDestroyed) return
    this.#sender.isEnding = true
    this.#wake()
  }

  confirmEnd(_now: number): void {
    if (this.#isDestroyed) return
    this.#receiver.confirmEnd()
    this.#tellEnd()
  }

  destroy(): void {
    this.#isDestroyed = true
    this.#bundle?.destroy()
    this.#toSend.clear()
    this.#received.clear()
    this.#exchange.clear()
    this.driver = this.user = undefined
  }

  /**
   * Adds a flow to the stream, and returns its transport. The peer's stream must add it as well. The flow carries data
   * once its handshake is over. `options` are those of a stream. A backup carries data only while no other flow can.
   */
  join(options: StreamOptions, isBackup = false): Transport {
    return new JoinedFlow(this, this.#join(), settingsOf(options), isBackup)
  }

  /** The flow of `transport`, which may be the stream itself, is over. What it has not delivered leaves by the others. */
  leave(transport: Transport): void {
    if (transport instanceof JoinedFlow) transport.destroy()
    else {
      this.#isFrozen = true
      this.#join().leave(must(this.#exchange.subflow))
    }
  }

  tell(now: number): void {
    this.#nowMs = now
    this.#tell()
  }

  drain(): boolean {
    if (!this.owesDrain || !this.#isDrained || this.#isDestroyed) return false
    // Calls the application only now, in a consistent state, because it may write more.
    this.owesDrain = false
    this.user?.onDrain?.()
    return true
  }

  #join(): Bundle {
    if (this.#bundle === undefined) {
      this.#bundle = new Bundle(this, this.#toSend, this.#exchange)
      if (this.#isFrozen) this.#exchange.subflow?.freeze()
    }
    return this.#bundle
  }

  #wake(): void {
    this.driver?.wake()
    this.#bundle?.wake()
  }

  get #isDrained(): boolean {
    return this.#sender.unsent <= this.#highWater / 2
  }

  #mayWrite(): boolean {
    if (this.#isDestroyed) return false
    if (this.#sender.isEnding)
      throw new StreamError('STREAM_FINISHED', 'bytes were written after finish: write before it')
    return true
  }

  #written(): boolean {
    if (this.#sender.unsent > this.#highWater) this.owesDrain = true
    this.#wake()
    return !this.owesDrain
  }

  #wasRead(): void {
    // Reading the last bytes also reads the end, which the flow may have been waiting for.
    if (this.#bundle?.hasBegun) this.#bundle.wasRead(this.#nowMs)
    else if (this.#receiver.wasRead(this.#nowMs)) this.driver?.wake()
    if (this.peerFinished) this.#wake()
    this.#tellEnd()
  }

  /** Calls the application's callbacks, in a consistent state. */
  #tell(): void {
    if (this.readable > 0) this.user?.onReadable?.()
    this.#tellEnd()
    if (this.finished && !this.#hasToldFinished) {
      this.#hasToldFinished = true
      this.user?.onFinished?.()
    }
  }

  #tellEnd(): void {
    if (this.#hasToldEnd || !this.peerFinished) return
    this.#hasToldEnd = true
    this.user?.onEnd?.()
  }
}
