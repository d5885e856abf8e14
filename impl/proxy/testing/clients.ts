/** For tests: a client that sends bytes to a proxy as it likes, and a proxy with services behind it. */
import { once } from 'node:events'
import { connect, type Socket as TcpSocket } from 'node:net'
import { Server, type Socket, Stack } from '../../sockets/index.ts'
import { SPLICED } from '../../sockets/splice.ts'
import { type ProxyOptions, ProxyServer } from '../proxyServer.ts'

/** A proxy at `host`, and the stack of services that it reaches; all are gone at the end of the `await using` block. */
export async function proxyTo(
  services: Readonly<Record<string, (socket: Socket) => void>>,
  options: Partial<ProxyOptions> = {},
  host = '127.0.0.1',
) {
  const [far, near] = await Promise.all([1, 2].map(() => new Stack({ addresses: ['127.0.0.1:0'] }).opened()))
  if (far === undefined || near === undefined) throw new Error('no stacks')
  near.addService('acme', { via: far.addresses[0] as string })
  for (const [service, serve] of Object.entries(services))
    new Server({ ...SPLICED, stack: far }, socket => {
      socket.on('error', () => {})
      serve(socket)
    }).listen(service)
  const proxy = new ProxyServer({ stack: near, ...options })
  const { port } = await proxy.listen({ host, port: 0 })
  return {
    proxy,
    port,
    near,
    /** Connects, and sends bytes if there are some. */
    async client(bytes: Uint8Array | string = ''): Promise<TcpSocket> {
      const socket = connect({ host, port, allowHalfOpen: true })
      socket.on('error', () => {})
      await once(socket, 'connect')
      if (bytes.length > 0) socket.write(bytes)
      return socket
    },
    async [Symbol.asyncDispose]() {
      proxy.close()
      await near.close({ limitMs: 0 })
      await far.close({ limitMs: 0 })
    },
  }
}

/** Returns a greeting without a login, and a request for a host, in one piece. */
export function socksConnect(host: string, port = 80, command = 1): Buffer {
  const name = Buffer.from(host, 'latin1')
  const head = Buffer.from([5, 1, 0, 5, command, 0, 3, name.length])
  return Buffer.concat([head, name, Buffer.from([port >> 8, port & 0xff])])
}

/** Resolves with all bytes until the peer ends or resets; `cut` says which. */
export async function readAll(socket: TcpSocket): Promise<{ bytes: Buffer; isCut: boolean }> {
  const pieces: Buffer[] = []
  socket.on('data', piece => pieces.push(piece))
  const isCut = await new Promise<boolean>(resolve => {
    socket.once('end', () => resolve(false))
    socket.once('close', () => resolve(true))
  })
  return { bytes: Buffer.concat(pieces), isCut }
}
