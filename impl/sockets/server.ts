/** Listens to a service, or to all services of a prefix, and makes a socket of every flow. Shaped like Node's net.Server. */

import { captureRejectionSymbol, EventEmitter } from 'node:events'
import { must } from '../../checker/text/at.ts'
import { PROTOCOL_STREAM } from '../../spec/wire/format.ts'
import type { Flow } from '../host/flows/flow.ts'
import type { Listener } from '../host/flows/listener.ts'
import { printPrefix, type ServicePrefix } from '../host/services/serviceId.ts'
import { NO_ADDRESS } from '../link/address.ts'
import type { Stream } from '../transport/stream/stream.ts'
import { closeOnAbort } from './abort.ts'
import { argumentError, functionIn } from './arguments.ts'
import { defaultStack } from './defaultStack.ts'
import type { Task } from './driver.ts'
import { type AddressInfo, endsOf, infoOf } from './ends.ts'
import { asSocketError, socketError } from './errors.ts'
import { flowOptions } from './flowOptions.ts'
import { Handle } from './handle.ts'
import { type HostOptions, namedIn } from './hostNames.ts'
import { sendProof } from './proving.ts'
import { Roster } from './roster.ts'
import { listenedOf, type Service, serviceText } from './services.ts'
import { Socket } from './socket.ts'
import type { SocketOptions } from './socketOptions.ts'
import type { Closable, Stack } from './stack.ts'
import { newStream } from './transports.ts'

/** Options of the server and of its sockets. */
export interface ServerOptions extends Omit<SocketOptions, 'signal' | 'onread'> {
  /** Sockets start paused: nothing is read until `resume`. */
  readonly pauseOnConnect?: boolean | undefined
}

/** The options of `Server.listen`. */
export interface ListenOptions {
  /** A service, or a prefix such as `acme/store/*`: all its services, except those of a longer prefix with a listener. */
  readonly service: Service
  /** The most handshakes in progress. Default 511. */
  readonly backlog?: number | undefined
  /** Closes the server when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

/** Where a server listens. `address`, `family` and `port` are those of the best address. */
export interface ServerAddress extends AddressInfo {
  /** As given to `listen`. */
  readonly service: string
  /** 64 digits; for a prefix followed by `/bits`. */
  readonly id: string
  /** Addresses at which the service can be reached, best first: what clients give as `via`. */
  readonly addresses: readonly string[]
}

/** A host that has no address now. */
const NOWHERE: AddressInfo = { address: '', family: 'IPv4', port: 0 }

/** The events of a server, with the arguments of their listeners. */
export interface ServerEvents {
  listening: []
  connection: [socket: Socket]
  /** A connection above `maxConnections`, or for a service whose key the stack lacks. */
  drop: [ends: ReturnType<typeof endsOf>]
  error: [error: Error]
  close: []
}

/** Accepts connections to a service, like a server of `net`. `ServerEvents` lists its events. */
export class Server extends EventEmitter<ServerEvents> implements Closable {
  /** Further connections are ended immediately. */
  maxConnections = Infinity
  readonly #options: ServerOptions & SocketOptions
  readonly #sockets = new Roster<Socket>()
  #stack: Stack | undefined
  #listener: Listener | undefined
  #service: Service | undefined
  #isReferenced = true
  #isHolding = false
  /** The program has called `listen`, and neither `close` nor a refusal has followed. */
  #isWanted = false
  #attempts = 0

  /** Throws ERR_INVALID_ARG_TYPE. */
  constructor(options: ServerOptions = {}, onConnection?: (socket: Socket) => void) {
    if (typeof options !== 'object' || options === null) throw argumentError('options', 'an object', options)
    super()
    flowOptions(options)
    // Memory for reading belongs to one socket, so a server passes none on.
    this.#options = { ...options, onread: undefined }
    if (functionIn('onConnection', onConnection)) this.on('connection', must(onConnection))
  }

  get listening(): boolean {
    return this.#listener?.isOpen ?? false
  }

  /**
   * Starts to listen; emits `listening`, or `error` with EADDRINUSE if the service already has a listener. Programs made
   * for `net` may give a host under `.serval`. Throws a ServiceError, ENOTFOUND, ERR_MISSING_ARGS and
   * ERR_SERVER_ALREADY_LISTEN.
   */
  listen(target: Service | ListenOptions | HostOptions, onListening?: () => void): this
  listen(port?: number | string, host?: string | number | (() => void), ...rest: unknown[]): this
  listen(...args: readonly unknown[]): this {
    const { options, callback: onListening } = namedIn<ListenOptions>(args, 'listen')
    const prefix = listenedOf(options.service)
    if (this.#isWanted) throw socketError('ERR_SERVER_ALREADY_LISTEN', 'listen')
    const stack = this.#options.stack ?? defaultStack()
    closeOnAbort(this, options.signal)
    this.#isWanted = true
    this.#service = options.service
    if (onListening !== undefined) this.once('listening', onListening)
    this.#stack = stack
    const refusal = stack.isOpen ? this.#tryListen(stack, prefix, options.backlog) : undefined
    const attempt = ++this.#attempts
    stack.whenOpen(error => {
      if (!this.#isWanted || attempt !== this.#attempts) return
      const cause =
        error ?? refusal ?? (this.listening ? undefined : this.#tryListen(stack, prefix, options.backlog))
      if (cause === undefined) {
        this.emit('listening')
        return
      }
      this.#isWanted = false
      this.emit('error', asSocketError(cause, 'listen', serviceText(options.service)))
    })
    return this
  }

  /** Null unless listening. */
  address(): ServerAddress | null {
    if (!this.listening) return null
    const [service, stack] = [must(this.#service), must(this.#stack)]
    return {
      service: serviceText(service),
      id: printPrefix(must(this.#listener).prefix),
      addresses: stack.advertise.length > 0 ? stack.advertise : stack.addresses,
      ...(infoOf(stack.host.addresses[0] ?? NO_ADDRESS) ?? NOWHERE),
    }
  }

  /** Accepts no more connections. Emits `close` when the existing ones have ended. */
  close(onClose?: (error?: Error) => void): this {
    if (typeof onClose === 'function') {
      const error = this.#isWanted ? undefined : socketError('ERR_SERVER_NOT_RUNNING', 'close')
      this.once('close', () => onClose.call(this, error))
    }
    this.#isWanted = false
    this.#unlisten()
    this.#closeIfDone()
    return this
  }

  /** Stops listening, and resolves when all connections have ended by themselves. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isWanted) return
    await new Promise<void>(resolve => this.close(() => resolve()))
  }

  /** Under `captureRejections`, a listener that rejects ends the connection that it was called for. */
  override [captureRejectionSymbol](error: Error, event: unknown, ...args: readonly unknown[]): void {
    if (event === 'connection') (args[0] as Socket).destroy(error)
    else this.emit('error', error)
  }

  /** The number of connections: `getConnections` under its old form in `net`. */
  get connections(): number {
    return this.#sockets.size
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#sockets.size)
    return this
  }

  /** Keeps the process alive while it listens, which is the default. */
  ref(): this {
    this.#isReferenced = true
    this.#hold(this.listening)
    return this
  }

  unref(): this {
    this.#isReferenced = false
    this.#hold(false)
    return this
  }

  /** @internal */
  closeWithStack(): void {
    this.close()
  }

  #tryListen(stack: Stack, prefix: ServicePrefix, backlog: number | undefined): unknown {
    try {
      this.#listen(stack, prefix, backlog)
      return undefined
    } catch (error) {
      return error
    }
  }

  #listen(stack: Stack, prefix: ServicePrefix, backlog: number | undefined): void {
    const { host, random, driver } = stack
    const accepting: Task = { isDue: false, run: () => this.#accept() }
    this.#listener = host.listen(prefix, {
      transport: (protocol, _packet, { from, to }) =>
        protocol === PROTOCOL_STREAM
          ? newStream(random, stack.packetBytesBetween(to, from), this.#options.noDelay ?? false)
          : undefined,
      onReady: () => driver.put(accepting),
      ...(backlog !== undefined && { backlog }),
    })
    stack.flowSets?.serve(this.#listener, this.#options.flows ?? stack.flowOptions.flows)
    stack.users.add(this)
    stack.offers.set(must(this.#service), true)
    this.#hold(this.#isReferenced)
  }

  #unlisten(): void {
    if (!this.listening) return
    const { host, driver, users } = must(this.#stack)
    must(this.#stack).offers.set(must(this.#service), false)
    host.unlisten(must(this.#listener), driver.now())
    driver.kick()
    users.delete(this)
    this.#hold(false)
  }

  #accept(): void {
    const stack = must(this.#stack)
    for (;;) {
      const flow = this.listening ? stack.host.accept(must(this.#listener)) : undefined
      if (flow === undefined) return
      // Programs also turn the limit off with null.
      const isFull = this.#sockets.size >= (this.maxConnections ?? Infinity)
      if (!sendProof(stack.keys, flow) || isFull) {
        this.#drop(stack, flow)
        continue
      }
      const socket = new Socket(this.#options)
      socket.server = this
      this.#sockets.add(socket)
      socket.onClosed = () => {
        this.#sockets.delete(socket)
        this.#closeIfDone()
      }
      socket.adopt(stack, flow)
      if (this.#options.pauseOnConnect) socket.pause()
      else socket.read(0)
      this.emit('connection', socket)
    }
  }

  #drop(stack: Stack, flow: Flow): void {
    const dropped = new Handle(stack.driver, flow, flow.transport as Stream)
    dropped.leave()
    this.emit('drop', endsOf(dropped))
  }

  #closeIfDone(): void {
    if (!this.#isWanted && this.#sockets.size === 0) process.nextTick(() => this.emit('close'))
  }

  #hold(isHolding: boolean): void {
    const holds = isHolding && this.#isReferenced
    if (holds === this.#isHolding) return
    this.#isHolding = holds
    if (holds) must(this.#stack).driver.hold()
    else must(this.#stack).driver.release()
  }
}
