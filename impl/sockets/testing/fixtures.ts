/** Node's net and Serval behind one interface, to compare their behaviour. */

import { once } from 'node:events'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { at, must } from '../../../checker/text/at.ts'
import { freePort } from '../../link/testing/freePort.ts'
import { connect, createServer, type Server, type Socket, Stack } from '../index.ts'

/** What both kinds of sockets offer. */
export interface AnySocket extends Duplex {
  readonly connecting: boolean
  readonly pending: boolean
  readonly readyState: string
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly remoteFamily?: string | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  readonly timeout?: number | undefined
  address(): object
  setNoDelay(noDelay?: boolean): this
  setKeepAlive(enable?: boolean, delayMs?: number): this
  setTimeout(timeoutMs: number, onTimeout?: () => void): this
  ref(): this
  unref(): this
  destroySoon(): void
  resetAndDestroy(): this
}

export interface AnyServer extends AsyncDisposable {
  readonly listening: boolean
  maxConnections: number
  address(): unknown
  close(onClose?: (error?: Error) => void): this
  getConnections(callback: (error: Error | null, count: number) => void): this
  on(event: string, listener: (told: object) => void): this
  once(event: string, listener: () => void): this
}

export interface Options {
  readonly allowHalfOpen?: boolean
  readonly pauseOnConnect?: boolean
  readonly highWaterMark?: number
  readonly signal?: AbortSignal
  readonly timeout?: number
  readonly writable?: boolean
  readonly onread?: {
    readonly buffer: Uint8Array | (() => Uint8Array)
    callback(bytes: number, buffer: Uint8Array): unknown
  } | null
}

export interface Fixture extends AsyncDisposable {
  readonly name: string
  /** Resolves when the server listens. */
  serve(onConnection: (socket: AnySocket) => void, options?: Options): Promise<AnyServer>
  /** Connects to the last server. */
  dial(options?: Options, onConnect?: () => void): AnySocket
  /** Connects to a service without a listener. */
  dialNobody(): AnySocket
  /** Connects a closed socket to the last server again. */
  redial(socket: AnySocket): void
  /** Lets a server listen once more. */
  relisten(server: AnyServer, options?: object): void
  /** Makes a server with these arguments. */
  create(...args: readonly unknown[]): AnyServer
}

export async function netFixture(): Promise<Fixture> {
  const servers: net.Server[] = []
  const sockets = new Set<net.Socket>()
  const keep = (socket: net.Socket): AnySocket => {
    sockets.add(socket)
    return watch(socket as AnySocket)
  }
  const nobody = await freePort()
  return {
    name: 'net',
    async serve(onConnection, options = {}) {
      const server = net.createServer(options, socket => onConnection(keep(socket))).listen(0, '127.0.0.1')
      servers.push(server)
      await once(server, 'listening')
      return server
    },
    dial(options = {}, onConnect) {
      const { port } = must(servers.at(-1)).address() as net.AddressInfo
      return keep(net.connect({ ...(options as object), port, host: '127.0.0.1' }, onConnect))
    },
    dialNobody: () => keep(net.connect(nobody, '127.0.0.1')),
    redial(socket) {
      const { port } = must(servers.at(-1)).address() as net.AddressInfo
      ;(socket as net.Socket).connect(port, '127.0.0.1')
    },
    relisten: (server, options = {}) =>
      void (server as net.Server).listen({ port: 0, host: '127.0.0.1', ...options }),
    create: (...args) => Reflect.apply(net.createServer, net, args),
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

export async function servalFixture(): Promise<Fixture> {
  const [here, there] = [['127.0.0.1:0'], ['127.0.0.2:0']].map(addresses => new Stack({ addresses }))
  await Promise.all([must(here).opened(), must(there).opened()])
  let servers = 0
  const via = at(must(there).addresses, 0)
  return {
    name: 'serval',
    async serve(onConnection, options = {}) {
      const server: Server = createServer({ ...options, stack: must(there) }, socket =>
        onConnection(watch(socket)),
      )
      server.listen(`test/${++servers}`)
      await once(server, 'listening')
      return server
    },
    dial: (options = {}, onConnect) =>
      watch(connect({ ...options, service: `test/${servers}`, via, stack: must(here) }, onConnect)),
    dialNobody: () => watch(connect({ service: 'test/nobody', via, stack: must(here) })),
    redial: socket => void (socket as Socket).connect({ service: `test/${servers}`, via }),
    relisten: (server, options = {}) =>
      void (server as Server).listen({ service: `test/${servers}`, ...options }),
    create: (...args) => Reflect.apply(createServer, undefined, args),
    async [Symbol.asyncDispose]() {
      await Promise.all([must(here).close({ limitMs: 0 }), must(there).close({ limitMs: 0 })])
    },
  }
}

/** Records the events of one socket in order: names of events, codes of errors, numbers of bytes. */
export function record(socket: AnySocket): string[] {
  const log: string[] = []
  let bytes = 0
  for (const event of ['connect', 'ready', 'end', 'finish', 'timeout'])
    socket.on(event, () => log.push(event))
  socket.on('data', (chunk: Buffer) => {
    const isMore = log.at(-1)?.startsWith('data ')
    bytes = isMore ? bytes + chunk.length : chunk.length
    log[isMore ? log.length - 1 : log.length] = `data ${bytes}`
  })
  socket.on('error', (error: NodeJS.ErrnoException) =>
    log.push(`error ${error.code ?? error.name} ${error.syscall ?? ''}`.trim()),
  )
  socket.on('close', (hadError: boolean) => log.push(`close ${hadError}`))
  return log
}

/** Like `record`, without reading. */
export function recordEnds(socket: AnySocket): string[] {
  const log: string[] = []
  for (const event of ['connect', 'end', 'finish']) socket.on(event, () => log.push(event))
  socket.on('error', (error: NodeJS.ErrnoException) => log.push(`error ${error.code}`))
  socket.on('close', (hadError: boolean) => log.push(`close ${hadError}`))
  return log
}

const closings = new WeakMap<AnySocket, Promise<void>>()

const watch = (socket: AnySocket): AnySocket => {
  closings.set(socket, new Promise(resolve => socket.once('close', () => resolve())))
  return socket
}

/** Resolves after the event `close` of a socket of a fixture. */
export const closed = (socket: AnySocket): Promise<void> => must(closings.get(socket))

/** Runs the event loop a few times, so that pending events arrive. */
export async function tick(turns = 10): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise(resolve => setTimeout(resolve, 1))
}

/** The class and the code of what a call throws. */
export function rejection(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    const [kind] = [TypeError, RangeError, Error].filter(type => error instanceof type)
    return `${kind?.name} ${(error as NodeJS.ErrnoException).code}`
  }
}
