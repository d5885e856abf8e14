/**
 * A Duplex over a connection: bytes in both directions with back-pressure, ends and errors. socket.ts adds the
 * interface of Node's sockets.
 */

import type { Duplex } from 'node:stream'
import { must } from '../../checker/text/at.ts'
import type { Stream } from '../transport/stream/stream.ts'
import { milliseconds } from './arguments.ts'
import { type BothEnds, Ends } from './ends.ts'
import { socketError } from './errors.ts'
import { placeOf } from './flowInfo.ts'
import type { Handle } from './handle.ts'
import type { HandleOwner } from './handleOwner.ts'
import { IdleTimer } from './idleTimer.ts'
import { OnRead, type OnReadOptions } from './onread.ts'
import { DEAD_AFTER_MS, Vigil } from './vigil.ts'

/**
 * After the peer's end, this end follows when nothing was written for this many turns of the event loop. TLS above sees
 * the end before it has written its last bytes, and waits a turn or two between its writes. An application that
 * iterates over the socket has no TLS above, and its iterator destroys a socket that is open at the end: there this end
 * follows immediately.
 */
const QUIET_TURNS = 10

/** The options of a stream over a connection. */
export interface FlowDuplexOptions {
  /** Whether the socket may write after the peer has ended. Default false: the socket then ends as well. */
  readonly allowHalfOpen?: boolean | undefined
  /** For both directions, in bytes, as for every Duplex. */
  readonly highWaterMark?: number | undefined
  /** `false` closes this direction from the start, as for every Duplex. */
  readonly readable?: boolean | undefined
  readonly writable?: boolean | undefined
  /** Reads into the program's own memory, instead of emitting `data`. */
  readonly onread?: OnReadOptions | null | undefined
  /** How long the peer may be silent while an answer is due, ms, before ETIMEDOUT. Default 100 s. */
  readonly deadAfterMs?: number | undefined
}

type Iterating = ReturnType<Duplex['iterator']>
type Written = (error?: Error | null) => void

/** The state of a socket during one connection. A socket that connects again gets a new one; callbacks compare, and drop old ones. */
class Life {
  handle: Handle<Stream> | undefined
  vigil: Vigil | undefined
  wantsBytes = false
  hasEnded = false
  /** The connection has ended with an error, which may show only after the peer's bytes. */
  hasFailed = false
  /** That error, which shows after the end. */
  lateError: Error | undefined
  bytesRead = 0
  bytesWritten = 0
  /** Bytes that waited to be sent when the idle timer fired last. */
  bytesWaiting = 0
  /** What the first write, or the end, does once the connection is established. */
  atConnect: (() => void) | undefined
  /** Called when the transport has room again, or the connection is established. */
  took: Written | undefined
  /** Called when the peer has everything and the end: the process may exit then, and nothing gets lost. */
  finished: Written | undefined
  readonly onRead: OnRead | undefined

  constructor(onread: OnReadOptions | undefined) {
    this.onRead = onread && new OnRead(onread)
  }
}

export abstract class FlowDuplex extends Ends {
  /** True from `connect` until that event. */
  connecting = false
  /** @internal Called after the event `close`. Programs count the listeners of that event. */
  onClosed: () => void = () => {}
  /** False between `destroy` and the event `close`. */
  protected isAtRest = true
  protected readonly idle = new IdleTimer(() => this.#timedOut())
  readonly #deadAfterMs: number
  readonly #onread: OnReadOptions | undefined
  #life: Life
  #quietTurns = QUIET_TURNS

  constructor(options: FlowDuplexOptions) {
    const { allowHalfOpen = false, deadAfterMs = DEAD_AFTER_MS, onread } = options
    // A Duplex ignores what it does not know. The socket hears its signal itself.
    super({ ...options, signal: undefined, allowHalfOpen, emitClose: false })
    this.#deadAfterMs = milliseconds('deadAfterMs', deadAfterMs)
    this.#onread = onread ?? undefined
    this.#life = new Life(this.#onread)
    this.on('end', () => this.#atEnd())
  }

  /** True before the connection is established. */
  get pending(): boolean {
    return this.handle === undefined || this.connecting || this.destroyed
  }

  // Debuggers read the getters of prototypes.
  /** Bytes read so far. */
  get bytesRead(): number {
    return #life in this ? this.#life.bytesRead : 0
  }

  /** Bytes written so far, including those that wait. */
  get bytesWritten(): number {
    return #life in this ? this.#life.bytesWritten + this.writableLength : 0
  }

  protected get handle(): Handle<Stream> | undefined {
    return this.#life.handle
  }

  protected get vigil(): Vigil | undefined {
    return this.#life.vigil
  }

  protected override get ends(): BothEnds | undefined {
    return this.handle
  }

  /** After the peer's end, a socket that does not stay half open refuses writes, with the same error as Node's. */
  override write(chunk: unknown, encoding?: BufferEncoding | Written, written?: Written): boolean {
    if (!this.readableEnded || !this.writableEnded || this.allowHalfOpen || this.destroyed)
      return super.write(chunk, encoding as BufferEncoding, written)
    const error = socketError('EPIPE', 'write')
    const callback = typeof encoding === 'function' ? encoding : written
    if (callback !== undefined) process.nextTick(callback, error)
    this.destroy(error)
    return false
  }

  override pause(): this {
    if (this.#life.onRead !== undefined) this.#life.onRead.isPaused = true
    return super.pause()
  }

  override resume(): this {
    super.resume()
    const { onRead } = this.#life
    if (!onRead?.isPaused) return this
    onRead.isPaused = false
    if (!this.pending) this.#take(must(this.handle))
    return this
  }

  override [Symbol.asyncIterator](): Iterating {
    return this.iterator()
  }

  override iterator(options?: { readonly destroyOnReturn?: boolean }): Iterating {
    this.#quietTurns = 0
    if (this.readableEnded && !this.allowHalfOpen) this.#endSoon()
    return super.iterator(options)
  }

  override _read(): void {
    this.#life.wantsBytes = true
    if (!this.pending) this.#take(must(this.handle))
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, written: Written): void {
    const life = this.#life
    const { handle } = life
    if (handle === undefined || this.connecting) {
      life.took = written
      life.atConnect = () => {
        life.took = undefined
        this._write(chunk, encoding, written)
      }
      return
    }
    // A peer that has ended its half still reads.
    if (handle.isOver) {
      written(socketError('EPIPE', 'write'))
      return
    }
    must(this.vigil).begin()
    this.idle.refresh()
    const took: Written = error => {
      life.bytesWritten += chunk.length
      written(error)
      if (this.readableEnded && !this.allowHalfOpen) this.#endSoon()
    }
    if (handle.transport.write(chunk)) took()
    else life.took = took
    handle.driver.kick()
  }

  override _final(done: Written): void {
    const life = this.#life
    if (this.connecting) {
      life.atConnect = () => this._final(done)
      return
    }
    this.vigil?.begin()
    this.handle?.finish()
    life.finished = done
    if (this.handle === undefined || this.handle.hasDelivered) this.#tellFinished()
  }

  override _destroy(error: Error | null, done: Written): void {
    const { handle, vigil, took } = this.#life
    this.connecting = false
    this.isAtRest = false
    this.idle.stop()
    vigil?.stop()
    handle?.leave()
    const early = handle?.isConnected ? 'ECANCELED' : 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION'
    if (took !== undefined) process.nextTick(took, error ?? socketError(early, 'write'))
    done(error)
    process.nextTick(() => {
      this.isAtRest = true
      this.emit('close', error !== null)
      this.onClosed()
    })
  }

  protected readonly owner: HandleOwner = {
    connected: () => this.#connected(),
    ready: () => this.#ready(must(this.handle)),
    closed: error => this.#closed(error),
    moved: change => this.emit('path', change),
    flowChanged: ({ flow, hasEnded }) => this.emit(hasEnded ? 'flowEnd' : 'flow', placeOf(flow)),
  }

  protected begin(handle: Handle<Stream>): void {
    this.#life.handle = handle
    this.#life.onRead?.prepare()
    this.#life.vigil = new Vigil(handle, this.#deadAfterMs)
  }

  /** Makes a closed socket ready to connect again, as in `net`. */
  protected renew(): void {
    Reflect.apply(Reflect.get(this, '_undestroy') as () => void, this, [])
    this.#life = new Life(this.#onread)
    this.#quietTurns = QUIET_TURNS
  }

  /** A long write that makes progress is no idleness. */
  #timedOut(): void {
    const waiting = this.handle?.transport.bufferedToSend ?? 0
    const isProgressing = waiting > 0 && waiting !== this.#life.bytesWaiting
    this.#life.bytesWaiting = waiting
    if (isProgressing) this.idle.refresh()
    else this.emit('timeout')
  }

  #atEnd(): void {
    const { lateError } = this.#life
    if (lateError !== undefined) this.destroy(lateError)
    else if (!this.allowHalfOpen) this.#follow()
  }

  /** A Duplex that reads `false` here after `end` ends itself immediately, which is too soon (see `endSoon`). */
  #follow(): void {
    Reflect.set(this, 'allowHalfOpen', undefined)
    process.nextTick(() => Reflect.set(this, 'allowHalfOpen', false))
    this.#endSoon()
  }

  #connected(): void {
    this.connecting = false
    this.idle.refresh()
    const { atConnect } = this.#life
    this.emit('connect')
    this.emit('ready')
    if (!this.destroyed) atConnect?.()
    // Starts reading, so that an end is noticed even if nobody reads. A program that has paused the socket reads later.
    if (!this.destroyed && !this.isPaused()) this.read(0)
  }

  #ready(handle: Handle<Stream>): void {
    if (this.connecting) return
    if (handle.hasDelivered) this.#tellFinished()
    if (handle.takeDrained()) {
      const { took } = this.#life
      this.#life.took = undefined
      this.idle.refresh()
      took?.()
    }
    if (this.#life.wantsBytes) this.#take(handle)
    else this.#takeEnd(handle)
  }

  #tellFinished(): void {
    const { finished, hasFailed } = this.#life
    if (finished === undefined || hasFailed) return
    this.#life.finished = undefined
    finished()
  }

  /** Passes on what has arrived until the reader's buffer is full; then the transport's window closes. */
  #take(handle: Handle<Stream>): void {
    const { transport } = handle
    const life = this.#life
    if (life.onRead !== undefined) {
      this.#takeInto(life.onRead, handle)
      return
    }
    let bytes = life.wantsBytes ? transport.read() : undefined
    if (bytes !== undefined) this.idle.refresh()
    while (bytes !== undefined) {
      life.bytesRead += bytes.length
      life.wantsBytes = this.push(bytes)
      bytes = life.wantsBytes && !this.destroyed ? transport.read() : undefined
    }
    handle.driver.kick()
    this.#takeEnd(handle)
  }

  /** The same with the option `onread`. */
  #takeInto(onRead: OnRead, handle: Handle<Stream>): void {
    const life = this.#life
    const count = (bytes: number): void => {
      life.bytesRead += bytes
      this.idle.refresh()
    }
    if (!onRead.take(this, () => handle.transport.read(), count)) {
      this.destroy(
        socketError('ENOBUFS', 'read', { sentence: 'the buffer of onread has no room; give a longer one' }),
      )
      return
    }
    handle.driver.kick()
    if (!onRead.isPaused && !onRead.holds) this.#takeEnd(handle)
  }

  #takeEnd({ transport, isOver }: Handle<Stream>): void {
    const life = this.#life
    if (life.hasEnded || this.destroyed) return
    if (!transport.peerFinished && !(isOver && transport.readable === 0)) return
    life.hasEnded = true
    this.push(null)
    this.read(0)
  }

  /** Ends this side after the peer's end, once nothing has been written for a while. */
  readonly #endSoon = (turns = this.#quietTurns, bytesWritten = this.bytesWritten): void => {
    if (this.writableEnded || this.destroyed) return
    if (turns === 0) {
      this.end()
      return
    }
    const life = this.#life
    setImmediate(() => {
      if (life !== this.#life) return
      // A write in progress calls this again when it is done.
      if (this.writableEnded || this.destroyed || this.writableLength > 0) return
      if (this.bytesWritten === bytesWritten) this.#endSoon(turns - 1, bytesWritten)
      else this.#endSoon()
    })
  }

  #closed(error: Error | undefined): void {
    const handle = must(this.handle)
    this.#life.hasFailed = error !== undefined
    if (error === undefined || (handle.hasReceived && !this.readableEnded)) this.#ready(handle)
    if (error === undefined) return
    // The peer had sent everything. As in the kernel's TCP, it is read before the error shows.
    if (handle.hasReceived && !this.readableEnded) this.#life.lateError = error
    else this.destroy(error)
  }
}
