/**
 * Servers of `node:http`, `https`, `http2` and `tls` that listen to services. Their timeouts, `closeAllConnections` and
 * the like work as over TCP.
 */
import type net from 'node:net'
import type { TLSSocket } from 'node:tls'
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

/**
 * Returns the given server, which has not listened yet. From now on it listens to services and prefixes, and its
 * connections are Serval's. `options` are those of its sockets; `noDelay` is true unless they say otherwise.
 * ```ts
 * offered(http.createServer((request, response) => response.end('hello'))).listen('acme/web')
 * ```
 */
export function offered<S extends net.Server>(server: S, options: ServerOptions = {}): Offered<S> {
  const below = createServer({ noDelay: true, allowHalfOpen: true, ...options }, socket =>
    server.emit('connection', socket),
  )
  for (const event of ['listening', 'error', 'drop', 'close'] as const)
    below.on(event, (...args: unknown[]) => server.emit(event, ...args))
  server.prependListener('secureConnection', nameEnds)
  const closeAbove = server.close.bind(server)
  const chained = {
    listen(...args: Parameters<Server['listen']>) {
      const isCallback = (arg: unknown) => typeof arg === 'function'
      const onListening = args.findLast(isCallback) as (() => void) | undefined
      if (onListening !== undefined) server.once('listening', onListening)
      Reflect.apply(
        below.listen,
        below,
        args.filter(arg => !isCallback(arg)),
      )
    },
    getConnections: (callback: Parameters<Server['getConnections']>[0]) => below.getConnections(callback),
    ref: () => below.ref(),
    unref: () => below.unref(),
    /** Node's own call ends idle connections and stops the clock of the timeouts. */
    close(onClose?: (error?: Error) => void) {
      closeAbove()
      below.close(onClose)
    },
  }
  for (const [name, call] of Object.entries(chained))
    Reflect.set(server, name, (...args: never[]) => {
      Reflect.apply(call, undefined, args)
      return server
    })
  Reflect.set(server, 'address', () => below.address())
  Reflect.set(server, Symbol.asyncDispose, () => dispose(server, below))
  // Node's own call to close would emit `close` too, at once.
  Reflect.set(server, '_emitCloseIfDrained', () => {})
  Object.defineProperties(server, {
    listening: { get: () => below.listening },
    maxConnections: { get: () => below.maxConnections, set: (most: number) => (below.maxConnections = most) },
  })
  return server as unknown as Offered<S>
}

/** Stops listening, and resolves once all connections have ended by themselves. */
async function dispose(server: net.Server, below: Server): Promise<void> {
  if (below.listening) await new Promise(resolve => server.close(resolve))
}

/** What Node's TLS keeps of the stream below it. */
type Wrapped = { readonly ssl?: { readonly _parentWrap?: { readonly stream?: Socket } } }

/** Gives a socket of TLS the addresses of the Serval socket below it. */
function nameEnds(secure: TLSSocket & Wrapped): void {
  const below = secure.ssl?._parentWrap?.stream
  if (below === undefined) return
  for (const name of ENDS) Object.defineProperty(secure, name, { get: () => below[name] })
}
