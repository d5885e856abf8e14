/**
 * A Duplex over a connection: bytes in both directions with back-pressure, ends and errors. socket.ts adds the
 * interface of Node's sockets.
 */

import type { Duplex } from 'node:stream'
import { must } from '../../checker/text/at.ts'
import type { Stream } from '../transport/stream/stream.ts'
import { milliseconds } from './arguments.ts'
import type { Connection, ConnectionOwner } from './connection.ts'
import { type BothEnds, Ends } from './ends.ts'
import { socketError } from './errors.ts'
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
  readonly onread?: OnReadOptions | undefined
  /** How long the peer may be silent while an answer is due, ms, before ETIMEDOUT. Default 100 s. */
  readonly deadAfterMs?: number | undefined
}

type Iterating = ReturnType<Duplex['iterator']>
type Written = (error?: Error | null) => void

export abstract class FlowDuplex extends Ends {
  /** True from `connect` until that event. */
  connecting = false
  /** Bytes read so far. */
  bytesRead = 0
  /** @internal Called after the event `close`. Programs count the listeners of that event. */
  onClosed: () => void = () => {}
  protected connection: Connection<Stream> | undefined
  protected vigil: Vigil | undefined
  protected readonly idle = new IdleTimer(() => this.#timedOut())
  readonly #deadAfterMs: number
  #quietTurns = QUIET_TURNS
  #wantsBytes = false
  #hasEnded = false
  #written = 0
  /** Called when the transport has room again, or the connection is established. */
  #took: Written | undefined
  /** Called when the peer has everything and the end: the process may exit then, and nothing gets lost. */
  #finished: Written | undefined
  /** The connection has ended with an error, which may show only after the peer's bytes. */
  #hasFailed = false
  readonly #onRead: OnRead | undefined
  /** Bytes that waited to be sent when the idle timer fired last. */
  #waiting = 0

  constructor(options: FlowDuplexOptions) {
    const { allowHalfOpen = false, deadAfterMs = DEAD_AFTER_MS, onread, ...duplex } = options
    super({ ...duplex, allowHalfOpen, emitClose: false })
    this.#deadAfterMs = milliseconds('deadAfterMs', deadAfterMs)
    this.#onRead = onread && new OnRead(onread)
    if (!allowHalfOpen) this.on('end', () => this.#follow())
  }

  /** True before the connection is established. */
  get pending(): boolean {
    return this.connection === undefined || this.connecting || this.destroyed
  }

  /** Bytes written so far, including those that wait. */
  get bytesWritten(): number {
    // Debuggers read the getters of prototypes.
    return #written in this ? this.#written + this.writableLength : 0
  }

  protected override get ends(): BothEnds | undefined {
    return this.connection
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
    if (this.#onRead !== undefined) this.#onRead.isPaused = true
    return super.pause()
  }

  override resume(): this {
    super.resume()
    if (!this.#onRead?.isPaused) return this
    this.#onRead.isPaused = false
    if (!this.pending) this.#take(must(this.connection))
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
    this.#wantsBytes = true
    if (!this.pending) this.#take(must(this.connection))
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, written: Written): void {
    const connection = this.connection
    if (connection === undefined || this.connecting) {
      this.#took = written
      this.once('connect', () => {
        this.#took = undefined
        this._write(chunk, encoding, written)
      })
      return
    }
    // A peer that has ended its half still reads.
    if (connection.isOver) {
      written(socketError('EPIPE', 'write'))
      return
    }
    must(this.vigil).begin()
    this.idle.refresh()
    const took: Written = error => {
      this.#written += chunk.length
      written(error)
      if (this.readableEnded && !this.allowHalfOpen) this.#endSoon()
    }
    if (connection.transport.write(chunk)) took()
    else this.#took = took
    connection.driver.kick()
  }

  override _final(done: Written): void {
    if (this.connecting) {
      this.once('connect', () => this._final(done))
      return
    }
    this.vigil?.begin()
    this.connection?.finish()
    this.#finished = done
    if (this.connection === undefined || this.connection.hasDelivered) this.#tellFinished()
  }

  override _destroy(error: Error | null, done: Written): void {
    this.connecting = false
    this.idle.stop()
    this.vigil?.stop()
    this.connection?.leave()
    const early = this.connection?.isConnected ? 'ECANCELED' : 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION'
    if (this.#took !== undefined) process.nextTick(this.#took, error ?? socketError(early, 'write'))
    done(error)
    process.nextTick(() => {
      this.emit('close', error !== null)
      this.onClosed()
    })
  }

  protected readonly owner: ConnectionOwner = {
    connected: () => this.#connected(),
    ready: () => this.#ready(must(this.connection)),
    closed: error => this.#closed(error),
    moved: change => this.emit('path', change),
  }

  protected begin(connection: Connection<Stream>): void {
    this.connection = connection
    this.vigil = new Vigil(connection, this.#deadAfterMs)
  }

  /** Makes a closed socket ready to connect again, as in `net`. */
  protected renew(): void {
    Reflect.apply(Reflect.get(this, '_undestroy') as () => void, this, [])
    this.connection = undefined
    this.vigil = undefined
    this.bytesRead = 0
    this.#written = 0
    this.#wantsBytes = this.#hasEnded = this.#hasFailed = false
    this.#took = this.#finished = undefined
  }

  /** A long write that makes progress is no idleness. */
  #timedOut(): void {
    const waiting = this.connection?.transport.bufferedToSend ?? 0
    const isProgressing = waiting > 0 && waiting !== this.#waiting
    this.#waiting = waiting
    if (isProgressing) this.idle.refresh()
    else this.emit('timeout')
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
    this.emit('connect')
    this.emit('ready')
    // Starts reading, so that an end is noticed even if nobody reads.
    if (!this.destroyed) this.read(0)
  }

  #ready(connection: Connection<Stream>): void {
    if (this.connecting) return
    if (connection.hasDelivered) this.#tellFinished()
    if (connection.hasDrained) {
      connection.hasDrained = false
      const took = this.#took
      this.#took = undefined
      this.idle.refresh()
      took?.()
    }
    if (this.#wantsBytes) this.#take(connection)
    else this.#takeEnd(connection)
  }

  #tellFinished(): void {
    const finished = this.#finished
    if (finished === undefined || this.#hasFailed) return
    this.#finished = undefined
    finished()
  }

  /** Passes on what has arrived until the reader's buffer is full; then the transport's window closes. */
  #take(connection: Connection<Stream>): void {
    const { transport } = connection
    if (this.#onRead !== undefined) {
      const taken = this.#onRead.take(this, () => transport.read())
      this.bytesRead += taken
      if (taken > 0) this.idle.refresh()
      connection.driver.kick()
      if (!this.#onRead.holds) this.#takeEnd(connection)
      return
    }
    let bytes = this.#wantsBytes ? transport.read() : undefined
    if (bytes !== undefined) this.idle.refresh()
    while (bytes !== undefined) {
      this.bytesRead += bytes.length
      this.#wantsBytes = this.push(bytes)
      bytes = this.#wantsBytes && !this.destroyed ? transport.read() : undefined
    }
    connection.driver.kick()
    this.#takeEnd(connection)
  }

  #takeEnd({ transport, isOver }: Connection<Stream>): void {
    if (this.#hasEnded || this.destroyed) return
    if (!transport.peerFinished && !(isOver && transport.readable === 0)) return
    this.#hasEnded = true
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
    setImmediate(() => {
      // A write in progress calls this again when it is done.
      if (this.writableEnded || this.destroyed || this.writableLength > 0) return
      if (this.bytesWritten === bytesWritten) this.#endSoon(turns - 1, bytesWritten)
      else this.#endSoon()
    })
  }

  #closed(error: Error | undefined): void {
    const connection = must(this.connection)
    this.#hasFailed = error !== undefined
    if (error === undefined || (connection.hasReceived && !this.readableEnded)) this.#ready(connection)
    if (error === undefined) return
    // The peer had sent everything. As in the kernel's TCP, it is read before the error shows.
    if (connection.hasReceived && !this.readableEnded) this.once('end', () => this.destroy(error))
    else this.destroy(error)
  }
}
