/** HTTP servers over services behave as those of Node do over TCP. */
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import type { Socket } from '../sockets/index.ts'
import { selfSigned } from '../sockets/testing/certificate.ts'
import { type Two, two } from '../sockets/testing/connected.ts'
import { createHttpServer, type Offered, offered } from './index.ts'

const { key, cert } = selfSigned()

const tick = () => new Promise(resolve => setTimeout(resolve, 30))

/** Listens to the service that `world.dial` connects to. */
async function listen<S extends http.Server>(server: Offered<S>): Promise<Offered<S>> {
  server.listen('test/service')
  await once(server as never, 'listening')
  return server
}

async function get(world: Two, path = '/'): Promise<string> {
  const asked = http.request({ path, createConnection: () => world.dial() as Duplex }).end()
  const [response] = (await once(asked, 'response')) as [http.IncomingMessage]
  return text(response)
}

/** Everything that `socket` receives until it closes. */
async function received(socket: Socket): Promise<string> {
  let all = ''
  socket.on('data', piece => {
    all += piece
  })
  socket.on('error', () => {})
  await once(socket, 'close')
  return all
}

describe('createHttpServer', () => {
  test('answers, and its address is that of the service', async () => {
    await using world = await two()
    const server = createHttpServer({ stack: world.server }, (request, response) => {
      response.end(`${request.url} from ${request.socket.remoteAddress}`)
    })
    const servers: unknown[] = []
    server.prependListener('connection', socket => servers.push(Reflect.get(socket, 'server')))
    await listen(server)
    expect(await get(world, '/page')).toBe('/page from 127.0.0.1')
    expect(servers[0] === server).toBe(true)
    expect(server.address()).toMatchObject({ service: 'test/service', addresses: world.server.addresses })
    expect(server.listening).toBe(true)
    server.close()
    expect([server.listening, server.address()]).toEqual([false, null])
  })

  test('headersTimeout ends a connection that sends no request', async () => {
    await using world = await two()
    const times = { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 20 }
    await using server = createHttpServer({ stack: world.server, ...times }, () => {})
    await listen(server)
    const socket = world.dial()
    socket.write('GET / HTTP/1.1\r\nHost: a')
    expect(await received(socket)).toMatch('408 Request Timeout')
  })

  test('close ends idle connections, and waits for those in use', async () => {
    await using world = await two()
    const begun = Promise.withResolvers<http.ServerResponse>()
    const server = createHttpServer({ stack: world.server }, ({ url }, response) => {
      if (url === '/quick') response.end('quick')
      else begun.resolve(response)
      response.flushHeaders()
    })
    await listen(server)
    const used = world.dial()
    used.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const response = await begun.promise
    const idle = world.dial()
    idle.write('GET /quick HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(idle, 'data')
    const log: string[] = []
    const closed = new Promise<void>(resolve => server.close(() => resolve(void log.push('server'))))
    idle.on('close', () => log.push('idle'))
    await Promise.all([received(idle), tick()])
    expect(log).toEqual(['idle'])
    response.end()
    await Promise.all([received(used), closed])
    expect(log).toEqual(['idle', 'server'])
  })

  test('closeAllConnections ends those in use', async () => {
    await using world = await two()
    const begun = Promise.withResolvers<void>()
    const server = createHttpServer({ stack: world.server }, () => begun.resolve())
    await listen(server)
    const socket = world.dial()
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await begun.promise
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    server.closeAllConnections()
    expect(await received(socket)).toBe('')
    await closed
  })

  test('maxConnections drops further connections', async () => {
    await using world = await two()
    await using server = createHttpServer({ stack: world.server }, (_, response) => response.end())
    await listen(server)
    server.maxConnections = 1
    const first = world.dial()
    await once(first, 'connect')
    const dropped = once(server as never, 'drop')
    expect(await received(world.dial().resume())).toBe('')
    await dropped
    expect(await new Promise(resolve => server.getConnections((_, count) => resolve(count)))).toBe(1)
    first.destroy()
  })

  test('closing a server that does not listen is an error', async () => {
    const error = await new Promise<Error | undefined>(resolve => createHttpServer().close(resolve))
    expect(error).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' })
  })
})

describe('offered', () => {
  test('https knows the addresses of its clients, also after a move', async () => {
    await using world = await two()
    const server = https.createServer({ key, cert }, async ({ socket }, response) => {
      const moved = once(sockets.server, 'path')
      await sockets.client?.migrate('127.0.0.3')
      await moved
      response.end(`${socket.remoteAddress} at ${socket.localAddress}`)
    })
    const sockets: { client?: Socket; server: Socket } = {} as never
    server.prependListener('connection', socket => {
      sockets.server = socket as never
    })
    await using listening = await listen(offered(server, { stack: world.server }))
    sockets.client = world.dial()
    const secure = tls.connect({ socket: sockets.client, ca: cert, checkServerIdentity: () => undefined })
    const asked = http.request({ createConnection: () => secure as Duplex }).end()
    const [response] = (await once(asked, 'response')) as [http.IncomingMessage]
    expect(await text(response)).toBe('127.0.0.3 at 127.0.0.2')
    expect(listening.listening).toBe(true)
    secure.destroy()
  })

  test('http2 over tls', async () => {
    await using world = await two()
    const web = http2.createSecureServer({ key, cert }, (_, response) => response.end('over http2'))
    await using _ = await listen(offered(web as never as http.Server, { stack: world.server }))
    const options = { ca: cert, ALPNProtocols: ['h2'], checkServerIdentity: () => undefined }
    const session = http2.connect('https://any', {
      createConnection: () => tls.connect({ ...options, socket: world.dial() }),
    })
    const stream = session.request({ ':path': '/' })
    expect(await text(stream)).toBe('over http2')
    session.close()
    await once(session, 'close')
  })

  test('http2 without tls is rejected, because its clients could end the process', () => {
    expect(() => offered(http2.createServer())).toThrow(/^listen EINVAL: .*createSecureServer/)
  })

  const plain = http.createServer((_, response) => response.end())
  test.each<[string, () => http.Server]>([
    ['http', () => plain],
    ['https', () => https.createServer({ key, cert })],
    ['tls', () => tls.createServer({ key, cert }, socket => socket.resume()) as never],
    ['http2 over tls', () => http2.createSecureServer({ key, cert }) as never],
  ])('a client that ends without a word leaves no connection in a server of %s', async (_, make) => {
    await using world = await two()
    const server = await listen(offered(make(), { stack: world.server }))
    const accepted = once(server as never, 'connection')
    const socket = world.dial()
    socket.on('error', () => {})
    await accepted
    socket.resume().end()
    await once(socket, 'close')
    await new Promise<void>(resolve => server.close(() => resolve()))
    expect(await new Promise(resolve => server.getConnections((_, count) => resolve(count)))).toBe(0)
  })

  test('a server is offered once, and not while it listens over TCP', async () => {
    const server = offered(http.createServer())
    expect(() => offered(server as never)).toThrow('ERR_SERVER_ALREADY_LISTEN')
    const overTcp = http.createServer().listen(0)
    expect(() => offered(overTcp)).toThrow('ERR_SERVER_ALREADY_LISTEN')
    overTcp.close()
  })

  test('callbacks have the server as this, and an aborted signal closes idle connections', async () => {
    await using world = await two()
    const controller = new AbortController()
    const server = createHttpServer({ stack: world.server }, (_, response) => response.end('here'))
    const seen: unknown[] = []
    server.listen({ service: 'test/service', signal: controller.signal }, function (this: unknown) {
      seen.push(this)
    })
    await once(server as never, 'listening')
    const idle = world.dial()
    idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(idle, 'data')
    const closed = once(server as never, 'close')
    controller.abort()
    await Promise.all([closed, received(idle)])
    server.close(function (this: unknown) {
      seen.push(this)
    })
    await once(server as never, 'close')
    expect(seen).toEqual([server, server])
  })

  test('disposing a closed server waits for its connections', async () => {
    await using world = await two()
    const begun = Promise.withResolvers<http.ServerResponse>()
    const server = await listen(
      createHttpServer({ stack: world.server }, (_, response) => begun.resolve(response)),
    )
    const socket = world.dial()
    socket.write('GET / HTTP/1.0\r\n\r\n')
    const response = await begun.promise
    server.close()
    const log: string[] = []
    const disposed = (server as unknown as AsyncDisposable)
      [Symbol.asyncDispose]()
      .then(() => log.push('disposed'))
    await tick()
    log.push('answered')
    response.end()
    await Promise.all([disposed, received(socket)])
    expect(log).toEqual(['answered', 'disposed'])
  })

  test('the same server over TCP and over a service gives the same answers', async () => {
    await using world = await two()
    const answer: http.RequestListener = (request, response) =>
      response.end(`${request.method} ${request.url}`)
    const overTcp = http.createServer(answer).listen(0, '127.0.0.1')
    await once(overTcp, 'listening')
    await using _ = await listen(offered(http.createServer(answer), { stack: world.server }))
    const { port } = overTcp.address() as AddressInfo
    const direct = await (await fetch(`http://127.0.0.1:${port}/same`)).text()
    expect(await get(world, '/same')).toBe(direct)
    overTcp.close()
  })
})
