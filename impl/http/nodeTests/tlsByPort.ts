/** The modules `tls` and `https` over Serval's sockets, for programs that know only ports. */
import https from 'node:https'

import tls from 'node:tls'
import type { Socket } from '../../sockets/index.ts'
import { offered } from '../index.ts'
import { listensByPort, netByPort, optionsIn } from './netByPort.ts'

type Make = (...args: never[]) => tls.Server

/** A constructor, with and without `new`. */
const called = (make: Make, of: object): object =>
  new Proxy(of, {
    apply: (_, __, args) => make(...(args as never[])),
    construct: (_, args) => make(...(args as never[])),
  })

const listening =
  (make: Make): Make =>
  (...args) =>
    listensByPort(offered(make(...args)) as never)

const createTlsServer = listening(tls.createServer as Make)
const createHttpsServer = listening(https.createServer as Make)

const connectByTls = tls.connect as (options: object, callback?: () => void) => tls.TLSSocket

/** Rejected options leave no socket. */
function connectOver(socket: Socket, options: object, callback?: () => void): tls.TLSSocket {
  try {
    return connectByTls({ ...options, socket }, callback)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** Connects below, unless the program brings its own socket, and adds TLS. */
function connect(...args: unknown[]): tls.TLSSocket {
  const [options, callback] = optionsIn(args)
  const more = args.slice(1, 3).find(arg => typeof arg === 'object')
  const all = { ...(options as object), ...more } as { socket?: unknown; timeout?: number }
  if (all.socket) return connectByTls(all, callback)
  const { signal: _, onread: __, ...below } = all as Record<string, unknown>
  const socket = netByPort.connect(below)
  const secure = connectOver(socket, all, callback)
  // Node does so for sockets of the kernel alone.
  socket.once('connect', () => secure.emit('connect'))
  if (all.timeout) secure.setTimeout(all.timeout)
  return secure
}

const OURS: Readonly<Record<string | symbol, unknown>> = {
  connect,
  createServer: createTlsServer,
  Server: called(createTlsServer, tls.Server),
}

/** What programs set, such as the default ciphers, belongs to Node's own module. */
export const tlsByPort = new Proxy(tls, {
  get: (target, name) => OURS[name] ?? Reflect.get(target, name),
})

export const httpsByPort = {
  ...https,
  createServer: createHttpsServer,
  Server: called(createHttpsServer, https.Server),
}

/** Node's own agent of `https` connects by the module's property. */
Reflect.set(tls, 'connect', connect)
