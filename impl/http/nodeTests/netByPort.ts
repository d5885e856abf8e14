/**
 * The module `net` over Serval's sockets, for programs that know only ports: port 80 is the service `ports/80` of a
 * stack on loopback.
 */
import net from 'node:net'
import * as serval from '../../sockets/index.ts'

const stack = new serval.Stack({ addresses: ['127.0.0.1:0'] })
serval.setDefaultStack(stack)
await stack.opened()

type Callback = () => void
type Options = {
  readonly port?: number | string | Callback
  readonly backlog?: number
  readonly signal?: AbortSignal
}

let nextPort = 20_000

/** Reads arguments as `net` does. */
export function optionsIn(args: readonly unknown[]): [Options, Callback | undefined] {
  const [options, callback] = Reflect.get(net, '_normalizeArgs')(args) as [Options, Callback | null]
  return [typeof options.port === 'function' ? {} : options, callback ?? undefined]
}

class Socket extends serval.Socket {
  override connect(...args: readonly unknown[]): this {
    const [options, callback] = optionsIn(args)
    const named = { ...options, host: `${Number(options.port)}.ports.serval` }
    return super.connect(named as never, callback)
  }
}

/** The part of a server that this file changes. */
interface Listening {
  listen(...args: never[]): unknown
  address(): object | null
}

/** Lets a server listen to ports. Port 0 is a free one. */
export function listensByPort<S extends Listening>(server: S): S {
  let port = 0
  const [listen, address] = [server.listen.bind(server), server.address.bind(server)]
  server.listen = (...args: never[]) => {
    const [options, callback] = optionsIn(args)
    port = Number(options.port ?? 0) || nextPort++
    const named = { ...options, service: `ports/${port}` }
    listen(...([named, callback] as never[]))
    return server
  }
  server.address = () => {
    const found = address()
    return found && { ...found, port }
  }
  return server
}

const createServer = (options?: unknown, onConnection?: unknown): object =>
  listensByPort(serval.createServer(options as serval.ServerOptions, onConnection as Callback) as never)

const connect = (...args: unknown[]): Socket => {
  const [options] = optionsIn(args)
  return new Socket(options as serval.SocketOptions).connect(...args)
}

export const netByPort = {
  ...net,
  createServer,
  connect,
  createConnection: connect,
  /** Made with and without `new`. */
  Socket: new Proxy(Socket, { apply: (_, __, args) => Reflect.construct(Socket, args) }),
  Stream: new Proxy(Socket, { apply: (_, __, args) => Reflect.construct(Socket, args) }),
  Server: new Proxy(serval.Server, {
    apply: (_, __, args) => createServer(...args),
    construct: (_, args) => createServer(...args),
  }),
}
