/**
 * Messages to and from services, shaped like Node's dgram.Socket. A connected socket, or one bound to a service, sends
 * and receives through flows, which can move like streams. A message to a service without a connection is independent.
 */

import { EventEmitter } from 'node:events'
import { must } from '../../checker/text/at.ts'
import type { Unconnected } from '../host/paths/unconnected.ts'
import { isCertified, prefixOfId, type ServicePrefix } from '../host/services/serviceId.ts'
import { NO_ADDRESS } from '../link/address.ts'
import { type DatagramTransport, QUEUE_BYTES, QUEUE_MESSAGES } from '../transport/datagram.ts'
import { MessageQueue } from '../transport/messageQueue.ts'
import { closeOnAbort } from './abort.ts'
import { addressOn } from './addressChoice.ts'
import { milliseconds } from './arguments.ts'
import { DatagramServer, type Peer } from './datagramServer.ts'
import { defaultStack } from './defaultStack.ts'
import { type AddressInfo, endsOf, infoOf } from './ends.ts'
import { asSocketError, socketError } from './errors.ts'
import type { FirstPath } from './finder.ts'
import { type FlowArgument, flowIn, joiningIn, type Place } from './flowArguments.ts'
import { type DatagramFlowInfo, datagramFlowsOf, type FlowPlace, placeOf } from './flowInfo.ts'
import { type FlowOptions, flowOptions, share } from './flowOptions.ts'
import type { Handle } from './handle.ts'
import type { PathChange } from './handleOwner.ts'
import { answeredOf, ProofMessages } from './proving.ts'
import { type RemoteInfo, remoteOf, remoteOfDatagram } from './remoteInfo.ts'
import { isService, listenedOf, randomServiceId, type Service, serviceOf, serviceText } from './services.ts'
import type { Closable, Stack } from './stack.ts'
import type { Route } from './stackOptions.ts'
import { newDatagrams } from './transports.ts'
import { DEAD_AFTER_MS } from './vigil.ts'

/** The options of a datagram socket. */
export interface DatagramOptions extends FlowOptions {
  /** Default: the process's own stack. */
  readonly stack?: Stack | undefined
  /** How long `connect` waits for an answer, ms. Default 100 s. */
  readonly deadAfterMs?: number | undefined
  /** The most flows to a bound socket. A new flow beyond it evicts the one that was silent longest. Default 4096. */
  readonly maxPeers?: number | undefined
  /** Closes the socket when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

export type Sent = (error: Error | null, bytes?: number) => void

const ignore: Sent = () => {}

/** Returns a copy, so that the sender may reuse the memory immediately. Throws EINVAL. */
function bytesOf(message: ArrayBufferView | string): Uint8Array {
  if (typeof message === 'string') return Buffer.from(message)
  if (!ArrayBuffer.isView(message))
    throw socketError('EINVAL', 'send', { sentence: 'a message is a string or bytes' })
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength).slice()
}

/** Throws EUNPROVED for a service with a key, because only a flow can prove it (docs/services.md). Throws a ServiceError. */
function rejectKeyed(service: Service): void {
  if (!isCertified(serviceOf(service))) return
  const sentence = "without a connection nobody proves the service's key; connect the socket before you send"
  throw socketError('EUNPROVED', 'send', { service: serviceText(service), sentence })
}

/** The events of a datagram socket, with the arguments of their listeners. */
export interface DatagramEvents {
  message: [message: Buffer, from: RemoteInfo]
  listening: []
  connect: []
  /** Either end has moved, or could not. */
  path: [change: PathChange]
  /** The connection has another flow. */
  flow: [flow: FlowPlace]
  /** A flow has ended while others go on. */
  flowEnd: [flow: FlowPlace]
  /** A flow for a service whose key the stack lacks. */
  drop: [ends: ReturnType<typeof endsOf>]
  error: [error: Error]
  close: []
}

/** Sends and receives messages by service name, like a socket of `dgram`. `DatagramEvents` lists its events. */
export class DatagramSocket extends EventEmitter<DatagramEvents> implements Closable {
  readonly #stack: Stack
  readonly #deadAfterMs: number
  readonly #maxPeers: number | undefined
  readonly #flowOptions: FlowOptions
  #server: DatagramServer | undefined
  #handle: Handle<DatagramTransport> | undefined
  /** Messages sent before the connection is established, within the limits of a flow's own queue. */
  #early: MessageQueue | undefined
  /** Present if the connected service has a key. */
  #proofMessages: ProofMessages | undefined
  #isConnecting = false
  /** The transport of a connection whose service is being found. */
  #finding: DatagramTransport | undefined
  #isReferenced = true
  #isClosed = false
  #waiting = 0
  #connectTimer: NodeJS.Timeout | undefined

  constructor(options: DatagramOptions = {}) {
    super()
    this.#stack = options.stack ?? defaultStack()
    this.#deadAfterMs = milliseconds('deadAfterMs', options.deadAfterMs ?? DEAD_AFTER_MS)
    this.#maxPeers = options.maxPeers
    this.#flowOptions = flowOptions(options)
    this.#stack.users.add(this)
    closeOnAbort(this, options.signal)
  }

  /** Listens to a service or a prefix, for flows and for messages without one; emits `listening`. Throws a ServiceError. */
  bind(service: Service, onListening?: () => void): this {
    const prefix = listenedOf(service)
    if (onListening !== undefined) this.once('listening', onListening)
    this.#whenOpen('bind', () => {
      this.#bind(prefix).offer(service)
      this.emit('listening')
    })
    return this
  }

  /** Opens a flow that `send` then uses; emits `connect`. Throws a ServiceError, LINK_ADDRESS, EISCONN. */
  connect(target: Service | Route, onConnect?: () => void): this {
    const route: Route = isService(target) ? { service: target } : target
    serviceOf(route.service)
    if (this.#isConnecting || this.#handle !== undefined) throw socketError('EISCONN', 'connect')
    this.#isConnecting = true
    if (onConnect !== undefined) this.once('connect', onConnect)
    this.#whenOpen('connect', () => this.#find(route))
    return this
  }

  /**
   * Sends a message through the connection, or as an answer to another message, or to a service without a connection.
   * Calls `onSent` when the message has left, or with EMSGSIZE, ENOBUFS (the queue is full), ENOTCONN, ENOTFOUND.
   * Without `onSent` a message that cannot leave is dropped, and EMSGSIZE becomes an `error` event. Throws EINVAL for a
   * value without bytes.
   * ```ts
   * socket.send('through the connection')
   * socket.send('an answer', rinfo)
   * socket.send('on its own', { service: 'acme/echo', via: '127.0.0.1:54325' })
   * ```
   */
  send(message: ArrayBufferView | string, to?: Service | Route | RemoteInfo | Sent, onSent?: Sent): void {
    const bytes = bytesOf(message)
    const [target, told] = typeof to === 'function' ? [undefined, to] : [to, onSent]
    const tell = (cause?: unknown): void => {
      const error = cause === undefined ? null : asSocketError(cause, 'send')
      if (error === null) process.nextTick(told ?? ignore, null, bytes.length)
      else if (told !== undefined) process.nextTick(told, error)
      else if ((error as NodeJS.ErrnoException).code === 'EMSGSIZE') this.emit('error', error)
    }
    this.#whenOpen('send', () => {
      try {
        this.#send(bytes, target, tell)
      } catch (cause) {
        tell(cause)
      }
    })
  }

  /** Returns the local end of the connection, or the service that the socket listens to with the stack's addresses. */
  address(): AddressInfo | { readonly service: string; readonly addresses: readonly string[] } {
    const local = this.#handle && infoOf(this.#handle.local)
    if (local !== undefined) return local
    if (this.#server === undefined) throw socketError('ENOTCONN', 'getsockname')
    return { service: this.#server.prefix.text, addresses: this.#stack.addresses }
  }

  /** Returns the current address of the peer. Throws ENOTCONN. */
  remoteAddress(): AddressInfo {
    const remote = this.#handle && infoOf(this.#handle.remote)
    if (remote === undefined) throw socketError('ENOTCONN', 'getpeername')
    return remote
  }

  /** As `Socket.migrate`. */
  async migrate(address: string, flow?: FlowArgument): Promise<void> {
    const handle = this.#connected('migrate')
    const target = addressOn(this.#stack.host.addresses, address)
    if (target === NO_ADDRESS) throw socketError('EADDRNOTAVAIL', 'migrate', { address })
    const moving = flow === undefined ? handle.flow : flowIn(flow, handle, 'migrate')
    await handle.migrate(target, 'migrate', moving)
  }

  /** The flows of the connection, oldest first. */
  get flows(): readonly DatagramFlowInfo[] {
    return this.#handle === undefined ? [] : datagramFlowsOf(this.#handle)
  }

  /** As `Socket.addFlow`. */
  async addFlow(place: string | Place): Promise<FlowPlace> {
    const wanted = joiningIn(place, this.#stack.host.addresses, this.#handle?.remote)
    return placeOf(await this.#connected('addFlow').keeper.add(wanted))
  }

  /** As `Socket.removeFlow`. */
  async removeFlow(flow: FlowArgument): Promise<void> {
    const handle = this.#connected('removeFlow')
    await handle.keeper.remove(flowIn(flow, handle))
  }

  /** Keeps the process alive, which is the default. */
  ref(): this {
    this.#hold(true)
    return this
  }

  unref(): this {
    this.#hold(false)
    return this
  }

  /** Sends waiting messages, then ends all flows. */
  close(onClose?: () => void): this {
    if (onClose !== undefined) this.once('close', onClose)
    if (this.#isClosed) return this
    this.#isClosed = true
    clearTimeout(this.#connectTimer)
    this.#stack.users.delete(this)
    this.#server?.close()
    this.#handle?.leave()
    process.nextTick(() => this.emit('close'))
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    const closed = new Promise<void>(resolve => this.once('close', resolve))
    this.close()
    await closed
  }

  /** @internal */
  closeWithStack(): void {
    this.close()
  }

  /** Runs `act` once the stack is open, after everything requested earlier. */
  #whenOpen(syscall: string, act: () => void): void {
    const run = (error?: Error): void => {
      try {
        if (error !== undefined) throw error
        act()
      } catch (cause) {
        this.emit('error', asSocketError(cause, syscall))
      }
    }
    if (this.#stack.isOpen && this.#waiting === 0 && syscall === 'send') {
      run()
      return
    }
    this.#waiting++
    this.#stack.whenOpen(error => {
      this.#waiting--
      if (!this.#isClosed) run(error)
    })
  }

  #bind(prefix: ServicePrefix): DatagramServer {
    if (this.#server !== undefined) throw socketError('EINVAL', 'bind', { sentence: 'it is bound already' })
    const options = { ...this.#flowOptions, maxPeers: this.#maxPeers }
    this.#server = new DatagramServer(this.#stack, prefix, options, {
      message: (bytes, peer) => this.emit('message', bytes, remoteOf(peer, bytes)),
      unconnected: datagram => this.#hear(datagram),
      moved: change => this.emit('path', change),
      dropped: ends => this.emit('drop', endsOf(ends)),
    })
    this.#server.hold(this.#isReferenced)
    return this.#server
  }

  #find(route: Route): void {
    const transport = newDatagrams(this.#stack.packetBytes)
    this.#finding = transport
    this.#stack.find(route, 'connect', (error, path) => {
      this.#finding = undefined
      if (this.#isClosed) return
      if (error === undefined) {
        this.#open(route.service, path, transport)
        return
      }
      this.#isConnecting = false
      this.#early = undefined
      this.emit('error', error)
    })
  }

  #open(service: Service, path: FirstPath, transport: DatagramTransport): void {
    const handle = this.#stack.connect(service, path, transport, {
      connected: () => this.#begin(handle),
      ready: () => this.#read(handle),
      closed: error => {
        if (error !== undefined) this.emit('error', error)
        this.close()
      },
      moved: change => this.emit('path', change),
      flowChanged: ({ flow, hasEnded }) => this.emit(hasEnded ? 'flowEnd' : 'flow', placeOf(flow)),
    })
    share(handle, this.#flowOptions, this.#stack)
    handle.hold(this.#isReferenced)
    this.#handle = handle
    this.#connectTimer = setTimeout(() => handle.fail('ETIMEDOUT', 'connect'), this.#deadAfterMs).unref()
  }

  /** Returns the handle. Throws ENOTCONN. */
  #connected(syscall: string): Handle<DatagramTransport> {
    if (this.#handle === undefined || this.#isConnecting) throw socketError('ENOTCONN', syscall)
    return this.#handle
  }

  #begin({ flow, transport }: Handle<DatagramTransport>): void {
    clearTimeout(this.#connectTimer)
    this.#isConnecting = false
    if (isCertified(flow.service)) this.#proofMessages = new ProofMessages(answeredOf(flow))
    for (let early = this.#early?.shift(); early !== undefined; early = this.#early?.shift())
      transport.write(early)
    this.emit('connect')
  }

  #read(handle: Handle<DatagramTransport>): void {
    const { transport } = handle
    for (let bytes = transport.read(); bytes !== undefined; bytes = transport.read()) {
      // Skips repeated questions for the proof; they have been answered.
      if (this.#proofMessages?.has(bytes)) continue
      const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      this.emit('message', message, remoteOf(handle, bytes))
    }
    if (handle.isPeerGone) this.close()
  }

  #hear(datagram: Unconnected): void {
    const { message } = datagram
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.length)
    this.emit('message', bytes, remoteOfDatagram(datagram))
  }

  #send(
    bytes: Uint8Array,
    to: Service | Route | RemoteInfo | undefined,
    tell: (error?: unknown) => void,
  ): void {
    if (this.#isClosed) throw socketError('ENOTCONN', 'send')
    if (to === undefined && this.#finding !== undefined) this.#sendLater(this.#finding, bytes, tell)
    else if (to === undefined) this.#write(this.#handle, bytes, tell)
    else if (isService(to)) this.#sendAlone(bytes, { service: to }, tell)
    else if ('size' in to && to.flow !== undefined) this.#write(this.#peer(to.flow), bytes, tell)
    else if ('size' in to) {
      const via = to.family === 'IPv6' ? `[${to.address}]:${to.port}` : `${to.address}:${to.port}`
      this.#sendAlone(bytes, { service: must(to.service), via }, tell, serviceOf(to.asked))
    } else this.#sendAlone(bytes, to as Route, tell)
  }

  #peer(flow: number): Peer | undefined {
    return this.#handle?.firstFlow === flow ? this.#handle : this.#server?.peers.get(flow)
  }

  #write(peer: Peer | undefined, bytes: Uint8Array, tell: (error?: unknown) => void): void {
    if (peer === undefined || peer.isOver) throw socketError('ENOTCONN', 'send')
    if (bytes.length > peer.transport.messageLimit) throw socketError('EMSGSIZE', 'send')
    if (!(peer.isConnected ? peer.transport.write(bytes) : this.#keep(bytes)))
      throw socketError('ENOBUFS', 'send')
    peer.driver.kick()
    tell()
  }

  /** The address of the service is still unknown. */
  #sendLater(transport: DatagramTransport, bytes: Uint8Array, tell: (error?: unknown) => void): void {
    if (bytes.length > transport.messageLimit) throw socketError('EMSGSIZE', 'send')
    if (!this.#keep(bytes)) throw socketError('ENOBUFS', 'send')
    tell()
  }

  /** Queues a message until the socket is connected. Returns false if the queue is full. */
  #keep(bytes: Uint8Array): boolean {
    this.#early ??= new MessageQueue(QUEUE_MESSAGES, QUEUE_BYTES)
    return this.#early.push(bytes)
  }

  #sendAlone(bytes: Uint8Array, route: Route, tell: (error?: unknown) => void, source?: Uint8Array): void {
    // Answers need a service name as their destination.
    rejectKeyed(route.service)
    const server = this.#server ?? this.#bind(prefixOfId(randomServiceId(this.#stack.random)))
    server.send(bytes, route, tell, source)
  }

  #hold(isHolding: boolean): void {
    this.#isReferenced = isHolding
    this.#handle?.hold(isHolding)
    this.#server?.hold(isHolding)
  }
}
