/**
 * Servers of `node:http`, `https`, `http2` (with TLS) and `tls` that listen to services. Their timeouts, `closeAllConnections` and
 * the like work as over TCP.
 */
import type net from 'node:net'
import type { TLSSocket } from 'node:tls'
import { closeOnAbort } from '../sockets/abort.ts'
import { socketError } from '../sockets/errors.ts'
import {
  createServer,
  type Server,
  type ServerAddress,
  type ServerOptions,
  type Socket,
} from '../sockets/index.ts'

/** What `offered` replaces: the methods of a server that concern where it listens. */
interface Listening {
  readonly listening: boolean
  /** Listens to a service, as `Server.listen` does. */
  listen: Server['listen']
  address(): ServerAddress | null
  getConnections(callback: (error: Error | null, count: number) => void): this
  ref(): this
  unref(): this
}

const ENDS = [
  ...(['remoteAddress', 'remotePort', 'remoteFamily'] as const),
  ...(['localAddress', 'localPort', 'localFamily'] as const),
]

/** A server of Node's that listens to a service instead of a port. */
export type Offered<S extends net.Server> = Omit<S, keyof Listening> & Listening

/** What Node's servers keep of their options. */
interface Kept {
  readonly allowHalfOpen?: boolean
  readonly pauseOnConnect?: boolean
  readonly noDelay?: boolean
  readonly keepAlive?: boolean
  /** Seconds. */
  readonly keepAliveInitialDelay?: number
  readonly highWaterMark?: number
}

/** The options of a server's sockets, as the program gave them to the server. */
function optionsOf(server: Kept): ServerOptions {
  const {
    allowHalfOpen,
    pauseOnConnect,
    noDelay,
    keepAlive,
    keepAliveInitialDelay = 0,
    highWaterMark,
  } = server
  return {
    ...{ allowHalfOpen, pauseOnConnect, noDelay, keepAlive, highWaterMark },
    keepAliveInitialDelay: keepAliveInitialDelay * 1000,
  }
}

/**
 * Returns the given server, which has not listened yet. From now on it listens to services and prefixes, and its
 * connections are Serval's. The options are those of sockets that Node's server does not have, such as `stack`. Throws
 * ERR_SERVER_ALREADY_LISTEN, and EINVAL for HTTP/2 without TLS.
 * ```ts
 * offered(http.createServer((request, response) => response.end('hello'))).listen('acme/web')
 * ```
 */
export function offered<S extends net.Server>(server: S, options: ServerOptions = {}): Offered<S> {
  if (server.listening || offers.has(server)) throw socketError('ERR_SERVER_ALREADY_LISTEN', 'listen')
  if (server.constructor.name === CLEARTEXT_HTTP2)
    throw socketError('EINVAL', 'listen', { sentence: WITHOUT_TLS })
  offers.add(server)
  const below = createServer({ ...optionsOf(server as Kept), ...options }, socket => {
    socket.server = server
    server.emit('connection', socket)
  })
  below.maxConnections = server.maxConnections ?? Infinity
  for (const event of ['listening', 'error', 'drop'] as const)
    below.on(event, (...args: unknown[]) => server.emit(event, ...args))
  // Node's own call ends idle connections and stops the clock of the timeouts.
  const closeAbove = server.close.bind(server)
  below.on('close', () => {
    closeAbove()
    server.emit('close')
  })
  server.prependListener('secureConnection', nameEnds)
  const methods = {
    listen: (...args: readonly unknown[]) => listen(server, below, args),
    close(onClose?: unknown) {
      closeAbove()
      below.close(typeof onClose === 'function' ? onClose.bind(server) : undefined)
      return server
    },
    getConnections(callback: Parameters<Server['getConnections']>[0]) {
      below.getConnections(callback)
      return server
    },
    ref() {
      below.ref()
      return server
    },
    unref() {
      below.unref()
      return server
    },
    address: () => below.address(),
    [Symbol.asyncDispose]: () => dispose(server, below),
    // Node's own call to close would emit `close` too, at once.
    _emitCloseIfDrained: () => {},
  }
  for (const name of Reflect.ownKeys(methods))
    Object.defineProperty(server, name, {
      value: Reflect.get(methods, name),
      configurable: true,
      writable: true,
    })
  Object.defineProperties(server, {
    listening: { get: () => below.listening },
    maxConnections: { get: () => below.maxConnections, set: (most: number) => (below.maxConnections = most) },
  })
  return server as unknown as Offered<S>
}

/**
 * Node's class of such servers, which it does not export. Over a stream that is no socket of the kernel, a client that ends
 * while the server writes makes Node throw ERR_INTERNAL_ASSERTION, which ends the process.
 */
const CLEARTEXT_HTTP2 = 'Http2Server'
const WITHOUT_TLS =
  'a client could end the process of an HTTP/2 server without TLS; use http2.createSecureServer'

/** The servers that listen to services. */
const offers = new WeakSet<net.Server>()

/** Listens below; what the program passes belongs to the server above. */
function listen<S extends net.Server>(server: S, below: Server, args: readonly unknown[]): S {
  const isCallback = (arg: unknown) => typeof arg === 'function'
  const [first, ...rest] = args.filter(arg => !isCallback(arg))
  const signal: unknown = Reflect.get(Object(first), 'signal')
  if (signal !== undefined) closeOnAbort(server, signal as AbortSignal)
  const target = signal === undefined ? first : { ...(first as object), signal: undefined }
  Reflect.apply(below.listen, below, [target, ...rest])
  const onListening = args.findLast(isCallback) as (() => void) | undefined
  if (onListening !== undefined) server.once('listening', onListening)
  return server
}

/** Stops listening, and resolves once all connections have ended by themselves. */
async function dispose(server: net.Server, below: Server): Promise<void> {
  if (!below.listening && below.connections === 0) return
  await new Promise<void>(resolve => {
    server.once('close', () => resolve())
    server.close()
  })
}

/** What Node's TLS keeps of the stream below it. */
type Wrapped = { readonly ssl?: { readonly _parentWrap?: { readonly stream?: Socket } } }

/** Gives a socket of TLS the addresses of the Serval socket below it. */
function nameEnds(secure: TLSSocket & Wrapped): void {
  const below = secure.ssl?._parentWrap?.stream
  if (below === undefined) return
  for (const name of ENDS) Object.defineProperty(secure, name, { get: () => below[name] })
  secure.address = () => below.address()
}
