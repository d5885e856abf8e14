/** Software written for Node's sockets runs unchanged over these, also while either end moves. */
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import tls from 'node:tls'
import { Agent, request } from 'undici'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Stream } from '../transport/stream/stream.ts'
import type { Socket, Stack } from './index.ts'
import { selfSigned } from './testing/certificate.ts'
import { type Two, two } from './testing/connected.ts'

const { key, cert } = selfSigned()

/** Moves the client, then the server. Resolves when both know of both moves. */
async function moveBoth(client: Socket, server: Socket): Promise<void> {
  const seen = [once(server, 'path'), once(client, 'path')]
  await client.migrate('127.0.0.3')
  await Promise.all(seen)
  const back = once(client, 'path')
  await server.migrate('127.0.0.4')
  await back
  expect([client.localAddress, client.remoteAddress]).toEqual(['127.0.0.3', '127.0.0.4'])
  expect([server.localAddress, server.remoteAddress]).toEqual(['127.0.0.4', '127.0.0.3'])
}

/** Collects the sockets of both ends, so that tests can move them under the software above. */
async function ends(world: Two, onConnection: (socket: Socket) => void) {
  const accepted = Promise.withResolvers<Socket>()
  await world.serve(socket => {
    accepted.resolve(socket)
    onConnection(socket)
  })
  const dialled = Promise.withResolvers<Socket>()
  const dial = (): Socket => {
    const socket = world.dial()
    dialled.resolve(socket)
    return socket
  }
  const move = async () => moveBoth(await dialled.promise, await accepted.promise)
  return { dial, move }
}

/** Answers in two halves, with a pause for a move; the second half quotes the request. */
const twoHalves =
  (moved: Promise<void>): http.RequestListener =>
  async (request, response) => {
    response.write('half ')
    const asked = await buffer(request)
    await moved
    response.end(`and ${request.url} with ${asked.length}`)
  }

/** Whether the streams of a stack send small pieces immediately. */
const noDelays = (stack: Stack) => [...stack.handles].map(({ transport }) => (transport as Stream).noDelay)

describe('http', () => {
  test.each([
    [undefined, true],
    [false, false],
  ])('with the option noDelay %s, the client sends small pieces immediately: %s', async (noDelay, expected) => {
    await using world = await two()
    const web = http.createServer((_, response) => {
      response.end(`${noDelays(world.client)} ${noDelays(world.server)}`)
    })
    await world.serve(socket => web.emit('connection', socket))
    const dial = () => world.dial({ noDelay }) as Duplex
    const asked = http.request({ createConnection: dial }).end()
    const [response] = (await once(asked, 'response')) as [http.IncomingMessage]
    expect(await text(response)).toBe(`${expected} true`)
  })

  test('a request during which both ends move', async () => {
    await using world = await two()
    const moved = Promise.withResolvers<void>()
    const server = http.createServer(twoHalves(moved.promise))
    const { dial, move } = await ends(world, socket => server.emit('connection', socket))
    const asking = http.request({ path: '/a', method: 'POST', createConnection: dial as () => Duplex })
    asking.end(Buffer.alloc(200_000))
    const [response] = (await once(asking, 'response')) as [http.IncomingMessage]
    await move()
    moved.resolve()
    expect(await text(response)).toBe('half and /a with 200000')
  })

  test('many requests over one connection of an agent', async () => {
    await using world = await two()
    let connections = 0
    const server = http.createServer((request, response) => response.end(request.url))
    await world.serve(socket => {
      connections++
      server.emit('connection', socket)
    })
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    agent.createConnection = () => world.dial()
    const paths = Array.from({ length: 20 }, (_, i) => `/${i}`)
    const answers = paths.map(async path => {
      const asking = http.request({ agent, path }).end()
      const [response] = (await once(asking, 'response')) as [http.IncomingMessage]
      return text(response)
    })
    expect(await Promise.all(answers)).toEqual(paths)
    expect(connections).toBe(1)
    agent.destroy()
  })

  test('a server notices that the client has left', async () => {
    await using world = await two()
    const left = Promise.withResolvers<void>()
    const server = http.createServer((_, response) => {
      response.on('close', () => left.resolve())
      response.write('begun')
    })
    const { dial } = await ends(world, socket => server.emit('connection', socket))
    const asking = http.request({ createConnection: dial as () => Duplex }).end()
    const [response] = (await once(asking, 'response')) as [http.IncomingMessage]
    response.once('data', () => asking.destroy())
    asking.on('error', () => {})
    response.on('error', () => {})
    await expect(left.promise).resolves.toBeUndefined()
  })
})

describe('tls', () => {
  test('both directions, with moves in between', async () => {
    await using world = await two()
    const { dial, move } = await ends(world, socket => {
      const secure = new tls.TLSSocket(socket, { isServer: true, key, cert })
      secure.pipe(secure)
    })
    const secure = tls.connect({ socket: dial(), ca: cert, servername: 'localhost' })
    await once(secure, 'secureConnect')
    expect(secure.authorized).toBe(true)
    await move()
    secure.end(Buffer.alloc(300_000, 'x'))
    expect((await buffer(secure)).length).toBe(300_000)
  })

  test('https', async () => {
    await using world = await two()
    const moved = Promise.withResolvers<void>()
    const server = https.createServer({ key, cert }, twoHalves(moved.promise))
    const { dial, move } = await ends(world, socket => server.emit('connection', socket))
    const createConnection = () => tls.connect({ socket: dial(), ca: cert, servername: 'localhost' })
    const asking = https.request({ path: '/s', createConnection }).end()
    const [response] = (await once(asking, 'response')) as [http.IncomingMessage]
    await move()
    moved.resolve()
    expect(await text(response)).toBe('half and /s with 0')
  })
})

test('http2: two streams at once, with moves in between', async () => {
  await using world = await two()
  const moved = Promise.withResolvers<void>()
  const server = http2.createServer()
  server.on('stream', async (stream, headers) => {
    stream.respond({ ':status': 200 })
    stream.write('half ')
    const asked = await buffer(stream)
    await moved.promise
    stream.end(`and ${headers[':path']} with ${asked.length}`)
  })
  const { dial, move } = await ends(world, socket => server.emit('connection', socket))
  const session = http2.connect('http://localhost', { createConnection: dial as () => Duplex })
  const streams = [1000, 150_000].map(size => {
    const stream = session.request({ ':path': `/${size}`, ':method': 'POST' })
    stream.end(Buffer.alloc(size))
    return stream
  })
  await Promise.all(streams.map(stream => once(stream, 'response')))
  await move()
  moved.resolve()
  expect(await Promise.all(streams.map(stream => text(stream)))).toEqual([
    'half and /1000 with 1000',
    'half and /150000 with 150000',
  ])
  const closed = once(session, 'close')
  session.close()
  await closed
})

test('ws: messages both ways, with moves in between', async () => {
  await using world = await two()
  const server = http.createServer()
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket => {
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }))
  })
  const { dial, move } = await ends(world, socket => server.emit('connection', socket))
  const client = new WebSocket('ws://localhost/', { createConnection: dial })
  await once(client, 'open')
  const answer = async (message: string | Buffer) => {
    client.send(message)
    return (await once(client, 'message'))[0] as Buffer
  }
  expect(`${await answer('before')}`).toBe('before')
  await move()
  expect(`${await answer('after')}`).toBe('after')
  expect((await answer(Buffer.alloc(200_000))).length).toBe(200_000)
  const closed = once(client, 'close')
  client.close(1000, 'done')
  expect((await closed)[0]).toBe(1000)
  sockets.close()
})

test('undici: requests, with moves in between', async () => {
  await using world = await two()
  const moved = Promise.withResolvers<void>()
  const server = http.createServer(twoHalves(moved.promise))
  const { dial, move } = await ends(world, socket => server.emit('connection', socket))
  const agent = new Agent({
    connect: (_, callback) => {
      const socket = dial()
      socket.once('error', error => callback(error, null))
      socket.once('connect', () => callback(null, socket as never))
    },
  })
  const options = { dispatcher: agent, method: 'PUT', body: Buffer.alloc(100_000) } as const
  const { statusCode, body } = await request('http://localhost/u', options)
  expect(statusCode).toBe(200)
  await move()
  moved.resolve()
  expect(await body.text()).toBe('half and /u with 100000')
  await agent.close()
})
