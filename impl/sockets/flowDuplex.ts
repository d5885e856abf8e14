/**
 * A Duplex over a connection: bytes in and out with back-pressure both ways, ends, errors. What makes it a socket in
 * Node's manner stands in socket.ts.
 */

import type { Duplex, DuplexOptions } from 'node:stream'
import { must } from '../../checker/text/at.ts'
import type { Stream } from '../transport/stream/stream.ts'
import type { Connection, ConnectionOwner } from './connection.ts'
import { type BothEnds, Ends } from './ends.ts'
import { socketError } from './errors.ts'
import { IdleTimer } from './idleTimer.ts'
import { milliseconds } from './milliseconds.ts'
import { Vigil } from './vigil.ts'

/**
 * Turns of the event loop without a write, after the peer's end, before this end follows. TLS on top hears of the end
 * before it has written what it took, and waits a turn or two between its writes. An application that iterates over the
 * socket has no TLS on top, and its iterator destroys a socket that it finds open at the end: there this end follows at once.
 */
const QUIET_TURNS = 10

type Iterating = ReturnType<Duplex['iterator']>
type Written = (error?: Error | null) => void

export abstract class FlowDuplex extends Ends {
  /** Between `connect` and the event of that name. */
  connecting = false
  /** The bytes that were read. */
  bytesRead = 0
  protected connection: Connection<Stream> | undefined
  protected vigil: Vigil | undefined
  protected readonly idle = new IdleTimer(() => this.emit('timeout'))
  readonly #deadAfterMs: number
  #quietTurns = QUIET_TURNS
  #wantsBytes = false
  #hasEnded = false
  #written = 0
  /** What to call when the transport has room again, or there is a connection. */
  #took: Written | undefined

  constructor({ allowHalfOpen = false, ...options }: DuplexOptions, deadAfterMs: number) {
    super({ ...options, allowHalfOpen: true, emitClose: false })
    this.#deadAfterMs = milliseconds('deadAfterMs', deadAfterMs)
    if (allowHalfOpen) return
    // A Duplex that reads `false` here ends itself at once. See `endSoon` for why that is too soon.
    Reflect.set(this, 'allowHalfOpen', undefined)
    this.once('end', () => this.#endSoon())
  }

  /** Whether there is no connection yet. */
  get pending(): boolean {
    return this.connection === undefined || this.connecting || this.destroyed
  }

  /** The bytes that were written, those that wait included. */
  get bytesWritten(): number {
    return this.#written + this.writableLength
  }

  protected override get ends(): BothEnds | undefined {
    return this.connection
  }

  /** After the peer's end a socket that does not stay half open takes no more, and says so as Node's do. */
  override write(chunk: unknown, encoding?: BufferEncoding | Written, written?: Written): boolean {
    if (!this.readableEnded || !this.writableEnded || this.allowHalfOpen || this.destroyed)
      return super.write(chunk, encoding as BufferEncoding, written)
    const error = socketError('EPIPE', 'write')
    const callback = typeof encoding === 'function' ? encoding : written
    if (callback !== undefined) process.nextTick(callback, error)
    this.destroy(error)
    return false
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
    // A peer that ended its half still reads.
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
    // Not within the call, as a shutdown by the system.
    setImmediate(done)
  }

  override _destroy(error: Error | null, done: Written): void {
    this.connecting = false
    this.idle.stop()
    this.vigil?.stop()
    this.connection?.leave()
    if (this.#took !== undefined) process.nextTick(this.#took, error ?? socketError('ECANCELED', 'write'))
    done(error)
    process.nextTick(() => this.emit('close', error !== null))
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

  #connected(): void {
    this.connecting = false
    this.idle.refresh()
    this.emit('connect')
    this.emit('ready')
    // What comes is fetched, and an end is noticed, before anybody asks.
    if (!this.destroyed) this.read(0)
  }

  #ready(connection: Connection<Stream>): void {
    if (this.connecting) return
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

  /** Hands on what has come, until enough is waiting: then the transport's window closes. */
  #take(connection: Connection<Stream>): void {
    const { transport } = connection
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

  /** The peer has ended, and this end follows when nothing was written for a while. */
  readonly #endSoon = (turns = this.#quietTurns, bytesWritten = this.bytesWritten): void => {
    if (this.writableEnded || this.destroyed) return
    if (turns === 0) {
      this.end()
      return
    }
    setImmediate(() => {
      // A write that is under way comes back here when it is done.
      if (this.writableEnded || this.destroyed || this.writableLength > 0) return
      if (this.bytesWritten === bytesWritten) this.#endSoon(turns - 1, bytesWritten)
      else this.#endSoon()
    })
  }

  #closed(error: Error | undefined): void {
    if (error !== undefined) this.destroy(error)
    else this.#ready(must(this.connection))
  }
}
