/** The types of the public API. `tsc` judges them; that the test runs proves nothing more. */
import type { Duplex } from 'node:stream'
import { describe, expectTypeOf, test } from 'vitest'
import {
  type ConnectOptions,
  connect,
  createServer,
  createSocket,
  type DatagramOptions,
  type DatagramSocket,
  type ListenOptions,
  type PathReason,
  type RemoteInfo,
  type Server,
  type ServerOptions,
  type Service,
  type Socket,
  type SocketError,
  type SocketErrorCode,
  type StackOptions,
} from './index.ts'

type FirstOf<F extends (...args: never[]) => unknown> = Parameters<F>[0]

describe('streams', () => {
  test('connect takes a service or options, and returns a Duplex', () => {
    expectTypeOf<FirstOf<typeof connect>>().toEqualTypeOf<Service | ConnectOptions>()
    expectTypeOf(connect).returns.toEqualTypeOf<Socket>()
    expectTypeOf<Socket>().toExtend<Duplex>()
    expectTypeOf<{
      service: string
      via: string
      noDelay: boolean
      signal: AbortSignal
    }>().toExtend<ConnectOptions>()
    expectTypeOf<{ service: 'acme/web'; timeout: string }>().not.toExtend<ConnectOptions>()
    expectTypeOf<{ via: string }>().not.toExtend<ConnectOptions>()
    expectTypeOf<{ service: number }>().not.toExtend<ConnectOptions>()
  })

  test('createServer takes options, a listener of connections, or both', () => {
    expectTypeOf(createServer).returns.toEqualTypeOf<Server>()
    expectTypeOf(createServer).toBeCallableWith(socket => expectTypeOf(socket).toEqualTypeOf<Socket>())
    expectTypeOf(createServer).toBeCallableWith({ pauseOnConnect: true }, socket => void socket.end())
    expectTypeOf<{ allowHalfOpen: boolean; pauseOnConnect: boolean }>().toExtend<ServerOptions>()
    expectTypeOf<'signal' extends keyof ServerOptions ? true : false>().toEqualTypeOf<false>()
    expectTypeOf<{ service: string; backlog: number }>().toExtend<ListenOptions>()
  })

  test('a socket passes its listeners what it emits', () => {
    const listen = (socket: Socket): Socket =>
      socket
        .on('data', chunk => expectTypeOf(chunk).toEqualTypeOf<Buffer>())
        .once('path', ({ reason }) => expectTypeOf(reason).toEqualTypeOf<PathReason>())
        .on('close', hadError => expectTypeOf(hadError).toEqualTypeOf<boolean>())
        .on('lookup', () => {})
    expectTypeOf(listen).toBeFunction()
  })

  test('a server passes its listeners what it emits', () => {
    const listen = (server: Server): Server =>
      server
        .on('connection', socket => expectTypeOf(socket).toEqualTypeOf<Socket>())
        .on('error', error => expectTypeOf(error).toEqualTypeOf<Error>())
    expectTypeOf(listen).toBeFunction()
  })
})

describe('datagrams', () => {
  test('createSocket takes options and a listener of messages', () => {
    expectTypeOf<FirstOf<typeof createSocket>>().toEqualTypeOf<DatagramOptions | undefined>()
    expectTypeOf(createSocket).returns.toEqualTypeOf<DatagramSocket>()
    expectTypeOf(createSocket).toBeCallableWith({ maxPeers: 1 }, (message, from) => {
      expectTypeOf(message).toEqualTypeOf<Buffer>()
      expectTypeOf(from).toEqualTypeOf<RemoteInfo>()
    })
  })

  test('a socket passes its listeners what it emits', () => {
    const listen = (socket: DatagramSocket): DatagramSocket =>
      socket.on('message', (message, from) => {
        expectTypeOf(message).toEqualTypeOf<Buffer>()
        expectTypeOf(from).toEqualTypeOf<RemoteInfo>()
      })
    expectTypeOf(listen).toBeFunction()
  })
})

test('errors have one of the codes; options are read and never changed', () => {
  expectTypeOf<SocketError['code']>().toEqualTypeOf<SocketErrorCode>()
  expectTypeOf<'ECONNREFUSED'>().toExtend<SocketErrorCode>()
  expectTypeOf<'EOTHER'>().not.toExtend<SocketErrorCode>()
  expectTypeOf<StackOptions>().toEqualTypeOf<Readonly<StackOptions>>()
  expectTypeOf<ConnectOptions>().toEqualTypeOf<Readonly<ConnectOptions>>()
})
