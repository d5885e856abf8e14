/**
 * A stream to a service, shaped like Node's net.Socket: what takes one of those takes this. It is named by a service,
 * not by a place, and goes on when either end moves.
 */

import { addAbortSignal, finished } from 'node:stream'
import { must } from '../../checker/text/at.ts'
import type { Flow } from '../host/flows/flow.ts'
import { NO_ADDRESS } from '../link/address.ts'
import type { Stream } from '../transport/stream/stream.ts'
import { addressOn } from './addressChoice.ts'
import { Connection } from './connection.ts'
import { defaultStack } from './defaultStack.ts'
import { socketError } from './errors.ts'
import type { Way } from './finder.ts'
import { FlowDuplex } from './flowDuplex.ts'
import { milliseconds } from './milliseconds.ts'
import { type Service, serviceOf, serviceText } from './services.ts'
import type { SocketOptions } from './socketOptions.ts'
import type { Closable, Stack } from './stack.ts'
import type { Route } from './stackOptions.ts'
import { newStream } from './transports.ts'
import { DEAD_AFTER_MS, KEEP_ALIVE_DELAY_MS } from './vigil.ts'

/**
 * Events, besides those of a Duplex: `connect`, `ready`, `timeout`, `close` (whether there was an error), and `path`
 * ({ local, remote, reason }) when either end has moved, or could not.
 */
export class Socket extends FlowDuplex implements Closable {
  /** As `setTimeout` was told; undefined before. */
  timeout: number | undefined
  /** The server that it came through. */
  server: unknown = null
  #stack: Stack | undefined
  #service: Service | undefined
  #noDelay: boolean
  #keepAliveMs = Infinity
  #isReferenced = true

  constructor(options: SocketOptions = {}) {
    const { allowHalfOpen = false, highWaterMark, deadAfterMs = DEAD_AFTER_MS, signal } = options
    super({ allowHalfOpen, ...(highWaterMark !== undefined && { highWaterMark }) }, deadAfterMs)
    this.#stack = options.stack
    this.#noDelay = options.noDelay ?? false
    this.setKeepAlive(options.keepAlive, options.keepAliveInitialDelay)
    if (options.timeout !== undefined) this.setTimeout(options.timeout)
    if (signal !== undefined) addAbortSignal(signal, this)
  }

  /**
   * Opens a connection; `connect` tells when it is there, `error` that it cannot be. Throws a ServiceError, LINK_ADDRESS.
   * ```ts
   * socket.connect('acme/echo', () => socket.write('hello'))
   * socket.connect({ service: 'acme/echo', via: '127.0.0.1:54325' })
   * ```
   */
  connect(target: Service | Route, onConnect?: () => void): this {
    const isService = typeof target === 'string' || target instanceof Uint8Array
    const route: Route = isService ? { service: target } : target
    serviceOf(route.service)
    if (this.connecting || this.connection !== undefined)
      return this.destroy(socketError('EISCONN', 'connect'))
    if (onConnect !== undefined) this.once('connect', onConnect)
    this.#service = route.service
    this.connecting = true
    const stack = this.#stack ?? defaultStack()
    this.#stack = stack
    stack.users.add(this)
    stack.whenOpen(error => {
      if (this.destroyed) return
      if (error !== undefined) this.destroy(error)
      else this.#find(stack, route)
    })
    return this
  }

  /** @internal Takes a flow that a server has accepted. */
  adopt(stack: Stack, flow: Flow): void {
    this.#stack = stack
    stack.users.add(this)
    const transport = flow.transport as Stream
    this.#attach(stack.own(new Connection(stack.driver, flow, transport, this.owner)))
    transport.noDelay = this.#noDelay
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening'
    if (this.readable) return this.writable ? 'open' : 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }

  /** The service that the flow is of: as it was given; at a server the 64 digits of what the client asked for. */
  get service(): string | undefined {
    const service = this.#service ?? this.connection?.flow.service
    return service && serviceText(service)
  }

  /** The flowID at this end; undefined before there is a connection. */
  get flow(): number | undefined {
    return this.connection?.flow.id
  }

  /** What the stream under it has counted and measured; undefined before there is a connection. */
  get statistics(): Stream['statistics'] | undefined {
    return this.connection?.transport.statistics
  }

  /**
   * Moves the connection to another address, or the first one of an interface, of this host. Resolves when the peer has
   * followed. Rejects with EADDRNOTAVAIL, EHOSTUNREACH, ECANCELED, ENOTCONN.
   */
  async migrate(place: string): Promise<void> {
    const connection = this.connection
    if (connection === undefined || this.connecting) throw socketError('ENOTCONN', 'migrate')
    const target = addressOn(must(this.#stack).host.addresses, place)
    if (target === NO_ADDRESS) throw socketError('EADDRNOTAVAIL', 'migrate', { address: place })
    await connection.migrate(target, 'migrate')
  }

  /** Small pieces leave at once, instead of waiting for the answer to those before them. */
  setNoDelay(noDelay = true): this {
    this.#noDelay = noDelay
    if (this.connection?.isOver === false) this.connection.transport.noDelay = noDelay
    return this
  }

  /** Asks a peer that has been silent for so long whether it is there; without a time, after two hours. */
  setKeepAlive(enable = false, initialDelayMs = 0): this {
    const delayMs = initialDelayMs > 0 ? initialDelayMs : KEEP_ALIVE_DELAY_MS
    this.#keepAliveMs = enable ? delayMs : Infinity
    this.vigil?.keepAlive(this.#keepAliveMs)
    return this
  }

  /** Emits `timeout` after so long without anything read or written, ms; 0 turns it off. It ends nothing. Throws EINVAL. */
  setTimeout(timeoutMs: number, onTimeout?: () => void): this {
    const waitMs = milliseconds('timeout', timeoutMs)
    this.timeout = timeoutMs
    this.idle.set(this.destroyed ? 0 : waitMs)
    if (onTimeout === undefined) return this
    return timeoutMs > 0 ? this.once('timeout', onTimeout) : this.removeListener('timeout', onTimeout)
  }

  /** Keeps the process alive, as it does at first. */
  ref(): this {
    this.#isReferenced = true
    this.connection?.hold(true)
    return this
  }

  unref(): this {
    this.#isReferenced = false
    this.connection?.hold(false)
    return this
  }

  /** Ends, and destroys the socket when all was taken. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  /** Ends the connection at once, here and there: the peer sees ECONNRESET. */
  resetAndDestroy(): this {
    if (this.connecting) return this.once('connect', () => this.resetAndDestroy())
    if (this.connection === undefined) return this.destroy(socketError('ENOTCONN', 'reset'))
    this.connection.abort()
    return this.destroy()
  }

  /** @internal */
  closeWithStack(): void {
    if (this.connecting) this.destroy(socketError('ESHUTDOWN', 'connect'))
    else void this[Symbol.asyncDispose]()
  }

  /** @internal */
  cutWithStack(): void {
    this.connection?.abort()
    this.destroy()
  }

  /** Ends, drops what comes, and resolves when the socket is closed. Never rejects. */
  override async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return
    const closed = new Promise<void>(resolve => finished(this, () => resolve()))
    this.resume()
    this.destroySoon()
    await closed
  }

  #find(stack: Stack, route: Route): void {
    try {
      stack.find(route, 'connect', (error, way) => {
        if (this.destroyed) return
        if (error !== undefined) this.destroy(error)
        else this.#open(stack, route.service, way)
      })
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  #open(stack: Stack, service: Service, way: Way): void {
    const transport = newStream(stack.random, stack.packetBytes, this.#noDelay)
    try {
      this.#attach(stack.connect(service, way, transport, this.owner))
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  #attach(connection: Connection<Stream>): void {
    connection.hold(this.#isReferenced)
    this.begin(connection)
    this.vigil?.keepAlive(this.#keepAliveMs)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stack?.users.delete(this)
    super._destroy(error, done)
  }
}
