/**
 * A stream to a service, shaped like Node's net.Socket, and usable wherever one is. Its peer is a service rather than
 * an address, and either end can move.
 */

import { addAbortSignal, finished } from 'node:stream'
import { must } from '../../checker/text/at.ts'
import type { Flow } from '../host/flows/flow.ts'
import { NO_ADDRESS } from '../link/address.ts'
import type { Stream } from '../transport/stream/stream.ts'
import { addressOn } from './addressChoice.ts'
import { functionIn, milliseconds } from './arguments.ts'
import { defaultStack } from './defaultStack.ts'
import { socketError } from './errors.ts'
import type { FirstPath } from './finder.ts'
import { type FlowArgument, flowIn, joiningIn, type Place } from './flowArguments.ts'
import { FlowDuplex } from './flowDuplex.ts'
import { type FlowInfo, type FlowPlace, flowsOf, placeOf } from './flowInfo.ts'
import { type FlowOptions, flowOptions, share } from './flowOptions.ts'
import { Handle } from './handle.ts'
import type { PathChange } from './handleOwner.ts'
import { type HostOptions, namedIn } from './hostNames.ts'
import { Race } from './race.ts'
import { type Service, serviceOf, serviceText } from './services.ts'
import type { SocketOptions } from './socketOptions.ts'
import type { Closable, Stack } from './stack.ts'
import type { Route } from './stackOptions.ts'
import { newStream } from './transports.ts'
import { KEEP_ALIVE_DELAY_MS } from './vigil.ts'

/** The events of a socket, with the arguments of their listeners. */
export interface SocketEvents {
  connect: []
  ready: []
  data: [chunk: Buffer]
  end: []
  drain: []
  finish: []
  timeout: []
  error: [error: Error]
  close: [hadError: boolean]
  /** Either end has moved, or could not. */
  path: [change: PathChange]
  /** The connection has another flow. */
  flow: [flow: FlowPlace]
  /** A flow has ended while others go on. */
  flowEnd: [flow: FlowPlace]
}

/** The options of `setKeepAlive`. */
export interface KeepAliveOptions {
  readonly enable?: boolean | undefined
  /** Milliseconds. */
  readonly initialDelay?: number | undefined
}

/** The signature of methods that take a listener. */
interface Listen<This> {
  <E extends keyof SocketEvents>(event: E, listener: (...args: SocketEvents[E]) => void): This
  (event: string | symbol, listener: (...args: never[]) => void): This
}

/** A socket carries bytes. */
function rejectObjects(options: object): void {
  for (const mode of ['objectMode', 'readableObjectMode', 'writableObjectMode'])
    if (Reflect.get(options, mode)) {
      const sentence = `${mode} does not exist for sockets; leave it out`
      throw socketError('ERR_INVALID_ARG_VALUE', 'connect', { sentence })
    }
}

/** Types the listeners of inherited methods. */
export interface Socket {
  on: Listen<this>
  once: Listen<this>
  off: Listen<this>
  addListener: Listen<this>
  removeListener: Listen<this>
  prependListener: Listen<this>
  prependOnceListener: Listen<this>
}

/** A stream to a service, assignable to `net.Socket`. `SocketEvents` lists its events. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface only types inherited methods
export class Socket extends FlowDuplex implements Closable {
  /** The argument of `setTimeout`; undefined before. */
  timeout: number | undefined
  /** The server that accepted it. */
  server: unknown = null
  /** Always empty: `net` has addresses here, and a service is no address. */
  readonly autoSelectFamilyAttemptedAddresses: string[] = []
  #stack: Stack | undefined
  #service: Service | undefined
  /** Undefined until the application decides. */
  #noDelay: boolean | undefined
  readonly #flowOptions: FlowOptions
  #parser: unknown
  #typeOfService = 0
  #keepAliveMs = Infinity
  #isReferenced = true
  /** Present if the service's host has addresses of both families. */
  #race: Race | undefined
  /** Calls to `connect`: the last one counts. */
  #attempts = 0

  constructor(options: SocketOptions = {}) {
    const { stack, noDelay, keepAlive, keepAliveInitialDelay, timeout, signal } = options
    const sharing = flowOptions(options)
    rejectObjects(options)
    super(options)
    this.#stack = stack
    this.#noDelay = noDelay
    this.#flowOptions = sharing
    this.setKeepAlive(keepAlive, keepAliveInitialDelay)
    if (timeout !== undefined) this.setTimeout(timeout)
    if (signal !== undefined) addAbortSignal(signal, this)
  }

  /**
   * Opens a connection. Emits `connect` when it is established, or `error`. Programs made for `net` may give a host
   * under `.serval`. A closed socket connects again. Throws a ServiceError, LINK_ADDRESS, ENOTFOUND, ERR_MISSING_ARGS.
   * ```ts
   * socket.connect('acme/echo', () => socket.write('hello'))
   * socket.connect({ service: 'acme/echo', via: '127.0.0.1:54325' })
   * socket.connect(80, 'echo.acme.serval')
   * ```
   */
  connect(target: Service | Route | HostOptions, onConnect?: () => void): this
  connect(port: number, host?: string | (() => void), onConnect?: () => void): this
  connect(...args: readonly unknown[]): this {
    const { options: route, callback: onConnect } = namedIn<Route>(args, 'connect')
    serviceOf(route.service)
    const attempt = ++this.#attempts
    if (this.destroyed && !this.isAtRest)
      return this.once('close', () => {
        if (attempt === this.#attempts) this.connect(route, onConnect)
      })
    if (this.destroyed) this.renew()
    else if (this.connecting || this.handle !== undefined)
      return this.destroy(socketError('EISCONN', 'connect'))
    if (onConnect !== undefined) this.once('connect', onConnect)
    this.#service = route.service
    this.connecting = true
    const stack = this.#stack ?? defaultStack()
    this.#stack = stack
    stack.users.add(this)
    stack.whenOpen(error => {
      if (this.destroyed || attempt !== this.#attempts) return
      if (error !== undefined) this.destroy(error)
      else this.#find(stack, route)
    })
    return this
  }

  /** @internal Takes over a flow that a server has accepted. */
  adopt(stack: Stack, flow: Flow): void {
    this.#stack = stack
    stack.users.add(this)
    const transport = flow.transport as Stream
    this.#attach(stack.own(new Handle(stack.driver, flow, transport, this.owner)))
    transport.noDelay = this.#noDelay ?? false
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening'
    if (this.readable) return this.writable ? 'open' : 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }

  /** Bytes that wait in the socket: `writableLength` under its old name in `net`. */
  get bufferSize(): number {
    return this.writableLength
  }

  /** The service: as given to `connect`; at a server, the 64 digits that the client requested. */
  get service(): string | undefined {
    const service = this.#service ?? this.handle?.flow.service
    return service && serviceText(service)
  }

  /** The flowID at this end; undefined before the connection is established. */
  get flow(): number | undefined {
    return this.handle?.flow.id
  }

  /** Counters and measurements of the stream; undefined before the connection is established. */
  get statistics(): Stream['statistics'] | undefined {
    return this.handle?.transport.statistics
  }

  /**
   * Moves a flow, by default the oldest, to another address of this host, or to the first one of an interface. Resolves when the
   * peer has followed. Rejects with EADDRNOTAVAIL, EAFNOSUPPORT, EHOSTUNREACH, ECANCELED, ENOTCONN, EINVAL.
   */
  async migrate(address: string, flow?: FlowArgument): Promise<void> {
    const handle = this.handle
    if (handle === undefined || this.connecting) throw socketError('ENOTCONN', 'migrate')
    const target = addressOn(must(this.#stack).host.addresses, address)
    if (target === NO_ADDRESS) throw socketError('EADDRNOTAVAIL', 'migrate', { address })
    const moving = flow === undefined ? handle.flow : flowIn(flow, handle, 'migrate')
    await handle.migrate(target, 'migrate', moving)
  }

  /** The flows of the connection, oldest first. */
  get flows(): readonly FlowInfo[] {
    return this.handle === undefined ? [] : flowsOf(this.handle)
  }

  /**
   * Adds a flow from an address or interface of this host, or to another address of the peer. Resolves when it is connected.
   * Rejects with EADDRNOTAVAIL, EAFNOSUPPORT, EOPNOTSUPP, ECONNREFUSED, EHOSTUNREACH, ENOBUFS, ECANCELED, ENOTCONN, and
   * with LINK_ADDRESS and ERR_INVALID_ARG_TYPE for a malformed place.
   * ```ts
   * await socket.addFlow('eth1')
   * await socket.addFlow({ from: '192.0.2.7', to: '198.51.100.1:54325', isBackup: true })
   * ```
   */
  async addFlow(place: string | Place): Promise<FlowPlace> {
    const handle = this.handle
    const wanted = joiningIn(place, must(this.#stack ?? defaultStack()).host.addresses, handle?.remote)
    if (handle === undefined || this.pending) throw socketError('ENOTCONN', 'addFlow')
    return placeOf(await handle.keeper.add(wanted))
  }

  /**
   * Removes a flow, or the one with this flowID: its unacknowledged data leaves by the others. Resolves when it has ended; the event
   * `flowEnd` follows. Rejects with EBUSY for the last flow, and for one that stays because the peer has not confirmed another one
   * within 7 s; with EINVAL for one of another connection.
   */
  async removeFlow(flow: FlowArgument): Promise<void> {
    const { handle } = this
    if (handle === undefined || this.pending) throw socketError('ENOTCONN', 'removeFlow')
    await handle.keeper.remove(flowIn(flow, handle))
  }

  /** Node's http keeps its parser here. The sockets that http makes itself have `noDelay`, so a socket that it adopts gets it. */
  get parser(): unknown {
    return this.#parser
  }

  set parser(parser: unknown) {
    this.#parser = parser
    if (parser != null && this.#noDelay === undefined) this.setNoDelay()
  }

  /** Sends small segments immediately, instead of waiting for earlier acknowledgments. */
  setNoDelay(noDelay = true): this {
    this.#noDelay = noDelay
    if (this.handle?.isOver === false) this.handle.transport.noDelay = noDelay
    return this
  }

  /** The last argument of `setTypeOfService`. */
  getTypeOfService(): number {
    return this.#typeOfService
  }

  /** Changes no packet: all flows of an address share one socket of the system. */
  setTypeOfService(typeOfService: number): this {
    this.#typeOfService = typeOfService
    return this
  }

  /** Probes a peer that has been silent for this long; without a delay, after two hours. */
  setKeepAlive(enable: boolean | KeepAliveOptions = false, initialDelayMs = 0): this {
    const given = typeof enable === 'object' ? enable : { enable, initialDelay: initialDelayMs }
    const { initialDelay = 0 } = given
    const delayMs = initialDelay > 0 ? initialDelay : KEEP_ALIVE_DELAY_MS
    this.#keepAliveMs = given.enable ? delayMs : Infinity
    this.vigil?.keepAlive(this.#keepAliveMs)
    return this
  }

  /**
   * Emits `timeout` after this time without reads and writes, ms; 0 turns it off. It ends nothing. Throws
   * ERR_INVALID_ARG_TYPE and ERR_OUT_OF_RANGE.
   */
  setTimeout(timeoutMs: number, onTimeout?: () => void): this {
    if (this.destroyed) return this
    const waitMs = milliseconds('timeout', timeoutMs, Number.MAX_VALUE)
    functionIn('callback', onTimeout)
    this.timeout = timeoutMs
    this.idle.set(waitMs)
    if (onTimeout === undefined) return this
    return timeoutMs > 0 ? this.once('timeout', onTimeout) : this.removeListener('timeout', onTimeout)
  }

  /** Keeps the process alive, which is the default. */
  ref(): this {
    this.#isReferenced = true
    this.handle?.hold(true)
    return this
  }

  unref(): this {
    this.#isReferenced = false
    this.handle?.hold(false)
    return this
  }

  /** Ends this side, and destroys the socket once everything written is queued. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  /** Resets the connection: the peer sees ECONNRESET. */
  resetAndDestroy(): this {
    if (this.connecting) return this.once('connect', () => this.resetAndDestroy())
    if (this.handle === undefined) return this.destroy(socketError('ERR_SOCKET_CLOSED', 'reset'))
    this.handle.abort()
    return this.destroy()
  }

  /** @internal */
  closeWithStack(): void {
    if (this.connecting) this.destroy(socketError('ESHUTDOWN', 'connect'))
    else void this[Symbol.asyncDispose]()
  }

  /** @internal */
  cutWithStack(): void {
    this.handle?.abort()
    this.destroy()
  }

  /** Ends this side, discards what arrives, and resolves when the socket is closed. Never rejects. */
  override async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return
    const closed = new Promise<void>(resolve => finished(this, () => resolve()))
    this.resume()
    this.destroySoon()
    await closed
  }

  #find(stack: Stack, route: Route): void {
    try {
      const attempt = this.#attempts
      stack.find(route, 'connect', (error, path) => {
        if (this.destroyed || attempt !== this.#attempts) return
        if (error !== undefined) this.destroy(error)
        else this.#open(stack, route.service, path)
      })
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  #open(stack: Stack, service: Service, path: FirstPath): void {
    const open = (one: FirstPath): Handle<Stream> =>
      stack.connect(
        service,
        one,
        newStream(stack.random, stack.packetBytesBetween(one.from, one.to), this.#noDelay ?? false),
        this.owner,
      )
    const { other } = path
    try {
      const first = open(path)
      this.#attach(first)
      if (other !== undefined)
        this.#race = new Race(
          first,
          () => open(other),
          this.owner,
          one => this.#attach(one),
        )
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  #attach(handle: Handle<Stream>): void {
    this.vigil?.stop()
    handle.hold(this.#isReferenced)
    this.begin(handle)
    share(handle, this.#flowOptions, must(this.#stack))
    this.vigil?.keepAlive(this.#keepAliveMs)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stack?.users.delete(this)
    this.#race?.stop()
    super._destroy(error, done)
  }
}
