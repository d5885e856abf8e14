/**
 * Active sockets: connections to services by name, shaped like Node's `net` and `dgram`. docs/sockets.md shows how.
 * ```ts
 * const server = createServer(socket => socket.pipe(socket))
 * server.listen('acme/echo', () => {
 *   const socket = connect('acme/echo')
 *   socket.end('hello')
 *   socket.on('data', bytes => console.log(`${bytes}`))
 *   socket.on('close', () => server.close())
 * })
 * ```
 */
import { type DatagramOptions, DatagramSocket } from './datagramSocket.ts'
import type { RemoteInfo } from './remoteInfo.ts'
import { Server, type ServerOptions } from './server.ts'
import { isService, type Service } from './services.ts'
import { Socket } from './socket.ts'
import type { ConnectOptions } from './socketOptions.ts'

export type { FlowClosed, FlowOpened, FlowPath, PacketsDropped, PathReason } from './channels.ts'
export { type ConnectorTarget, httpAgent, type ServiceRoute, undiciConnector } from './clients.ts'
export { type DatagramEvents, type DatagramOptions, DatagramSocket } from './datagramSocket.ts'
export { defaultStack, setDefaultStack } from './defaultStack.ts'
export type { AddressInfo } from './ends.ts'
export type { SocketError, SocketErrorCode } from './errors.ts'
export type { Place } from './flowArguments.ts'
export type { DatagramFlowInfo, FlowInfo, FlowPlace } from './flowInfo.ts'
export type { FlowPolicy } from './flowPolicy.ts'
export type { PathChange } from './handleOwner.ts'
export type { OnReadOptions } from './onread.ts'
export type { RemoteInfo } from './remoteInfo.ts'
export type { RuleOptions, Rules, RuleTarget, StackRule } from './rules.ts'
export {
  type ListenOptions,
  Server,
  type ServerAddress,
  type ServerEvents,
  type ServerOptions,
} from './server.ts'
export type { Service } from './services.ts'
export { Socket, type SocketEvents } from './socket.ts'
export type { ConnectOptions, SocketOptions } from './socketOptions.ts'
export { Stack } from './stack.ts'
export type { Route, ServiceRule, StackOptions } from './stackOptions.ts'

/** Returns a socket that connects to a service: `connect('acme/echo')`, `connect({ service, via, from, ...options })`. */
export function connect(target: Service | ConnectOptions, onConnect?: () => void): Socket {
  return new Socket(isService(target) ? {} : target).connect(target, onConnect)
}

/** The same as `connect`, as in `net`. */
export const createConnection = connect

/** Returns a server; `listen(service)` makes it reachable. */
export function createServer(
  options?: ServerOptions | ((socket: Socket) => void),
  onConnection?: (socket: Socket) => void,
): Server {
  return typeof options === 'function' ? new Server({}, options) : new Server(options, onConnection)
}

/** Returns a datagram socket: `connect` or `bind` it, or `send` to a service. `onMessage` receives messages. */
export function createSocket(
  options: DatagramOptions = {},
  onMessage?: (message: Buffer, from: RemoteInfo) => void,
): DatagramSocket {
  const socket = new DatagramSocket(options)
  return onMessage === undefined ? socket : socket.on('message', onMessage)
}
