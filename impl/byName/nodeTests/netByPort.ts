/**
 * The module `net` over Serval's sockets, for programs that know only ports: port 80 is the service `ports/80` of a
 * stack on loopback. Node's own tests run over it.
 */
import net from 'node:net'
import * as serval from '../../sockets/index.ts'

const stack = new serval.Stack({ addresses: ['127.0.0.1:0'] })
serval.setDefaultStack(stack)
await stack.opened()

let nextPort = 20_000

type Callback = () => void
type Options = {
  port?: number | string
  host?: string
  path?: string
  signal?: AbortSignal
  backlog?: number
}

/** Reads arguments as `net` does, errors included, and names the port as a service. */
function named(args: readonly unknown[]): [object, Callback | undefined] {
  const [given, callback] = Reflect.get(net, '_normalizeArgs')(args) as [Options, Callback | null]
  const port = Number(given.port ?? 0)
  return [{ ...given, host: `${port}.ports.serval` }, callback ?? undefined]
}

class Socket extends serval.Socket {
  override connect(...args: readonly unknown[]): this {
    const [options, callback] = named(args)
    return super.connect(options as serval.ConnectOptions, callback)
  }
}

class Server extends serval.Server {
  #port = 0

  constructor(options?: unknown, onConnection?: unknown) {
    if (typeof options === 'function') super({}, options as Callback)
    else super((options ?? {}) as serval.ServerOptions, onConnection as Callback)
  }

  override listen(...args: readonly unknown[]): this {
    const [given, callback] = Reflect.get(net, '_normalizeArgs')(args) as [Options, Callback | null]
    const port = Number(given.port ?? 0)
    this.#port = port === 0 ? nextPort++ : port
    return super.listen({ ...given, service: `ports/${this.#port}` }, callback ?? undefined)
  }

  override address(): serval.ServerAddress | null {
    const address = super.address()
    return address && { ...address, port: this.#port }
  }
}

const connect = (...args: unknown[]): Socket => {
  const [options] = Reflect.get(net, '_normalizeArgs')(args) as [serval.SocketOptions]
  return new Socket(options).connect(...args)
}

/** Instances of both classes are made with and without `new`, as in `net`. */
const callable = <C extends abstract new (...args: never[]) => object>(type: C): C =>
  new Proxy(type, { apply: (_, __, args) => Reflect.construct(type, args) })

export const netByPort = {
  ...net,
  Socket: callable(Socket),
  Stream: callable(Socket),
  Server: callable(Server),
  createServer: (options?: unknown, onConnection?: unknown) => new Server(options, onConnection),
  connect,
  createConnection: connect,
}
