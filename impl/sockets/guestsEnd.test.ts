/** Software above these sockets sees each half end, while both ends move: TLS, closing http, https, keep-alive. */

import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { createServer, type Socket } from './index.ts'
import { selfSigned } from './testing/certificate.ts'
import { type Two, two } from './testing/connected.ts'

const { key, cert } = selfSigned()

/** The sockets of one service, and how both ends of each connection closed. */
async function service(stacks: Two, onConnection: (socket: Socket) => void, allowHalfOpen = false) {
  const accepted: Socket[] = []
  const dialled: Socket[] = []
  /** Each resolves to whether that end had an error. */
  const closings: Promise<unknown>[] = []
  const keep = (socket: Socket, list: Socket[]): Socket => {
    list.push(socket)
    closings.push(once(socket, 'close').then(([hadError]) => hadError))
    return socket
  }
  const server = createServer({ stack: stacks.server, allowHalfOpen }, socket =>
    onConnection(keep(socket, accepted)),
  )
  await once(server.listen('test/service'), 'listening')
  return {
    accepted,
    dialled,
    dial: (): Socket => keep(stacks.dial({ allowHalfOpen }), dialled),
    /** Resolves to the number of closed ends, once all have closed in order. */
    closed: async () => {
      const errors = await Promise.all(closings)
      expect(errors).not.toContain(true)
      return errors.length
    },
  }
}

/** Moves both ends there and back three times; neither waits for the other. */
async function moveAbout(client: Socket, server: Socket): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await Promise.all([client.migrate('127.0.0.3'), server.migrate('127.0.0.4')])
    await Promise.all([client.migrate('127.0.0.1'), server.migrate('127.0.0.2')])
  }
}

const much = (bytes: number, factor: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => Math.imul(i, factor) >>> 13))

describe('tls', () => {
  test.each([
    ['client', 300_000, 3_000_000],
    ['server', 3_000_000, 300_000],
  ])('both directions while both ends move; the %s ends long before its peer', async (_, up, down) => {
    await using stacks = await two()
    const [question, answer] = [much(up, 0x9e3779b1), much(down, 0x85ebca6b)]
    const atServer = Promise.withResolvers<Buffer>()
    const { dial, accepted, dialled, closed } = await service(
      stacks,
      socket => {
        const secure = new tls.TLSSocket(socket, { isServer: true, key, cert, allowHalfOpen: true } as never)
        secure.end(answer)
        buffer(secure).then(atServer.resolve, atServer.reject)
      },
      true,
    )
    const secure = tls.connect({
      ...{ socket: dial(), ca: cert, servername: 'localhost', allowHalfOpen: true },
    })
    await once(secure, 'secureConnect')
    secure.end(question)
    const moves = moveAbout(at(dialled, 0), at(accepted, 0))
    const heard = await Promise.all([atServer.promise, buffer(secure)])
    expect(heard[0].equals(question)).toBe(true)
    expect(heard[1].equals(answer)).toBe(true)
    await moves
    expect(await closed()).toBe(2)
  })
})

const agentOf = (dial: () => Duplex, keepAlive: boolean): http.Agent =>
  Object.assign(new http.Agent({ keepAlive, maxSockets: 1 }), { createConnection: dial })

describe('http', () => {
  test.each([
    'Connection: close',
    'an end of the connection alone',
  ])('a body that ends with %s is read to its end', async ending => {
    await using stacks = await two()
    const server = http.createServer((_, response) => {
      response.shouldKeepAlive = false
      if (ending !== 'Connection: close') response.useChunkedEncodingByDefault = false
      response.removeHeader('transfer-encoding')
      response.write('first ')
      setImmediate(() => response.end('last'))
    })
    const { dial, closed } = await service(stacks, socket => server.emit('connection', socket), true)
    for (let i = 0; i < 3; i++) {
      const asking = http.request({
        createConnection: dial as () => Duplex,
        headers: { connection: 'close' },
      })
      const [response] = (await once(asking.end(), 'response')) as [http.IncomingMessage]
      expect([response.headers.connection, await text(response)]).toEqual(['close', 'first last'])
    }
    expect(await closed()).toBe(6)
  })

  test('a kept-alive connection serves several requests, and ends with its agent', async () => {
    await using stacks = await two()
    const server = http.createServer((request, response) => response.end(request.url))
    const { dial, dialled, accepted, closed } = await service(
      stacks,
      socket => server.emit('connection', socket),
      true,
    )
    const agent = agentOf(dial, true)
    for (const path of ['/one', '/two', '/three']) {
      const asking = http.request({ agent, path }).end()
      const [response] = (await once(asking, 'response')) as [http.IncomingMessage]
      expect([response.headers.connection, await text(response)]).toEqual(['keep-alive', path])
      await moveAbout(at(dialled, 0), at(accepted, 0))
    }
    agent.destroy()
    expect(await closed()).toBe(2)
  })
})

test('closing https: the client reads the whole answer, and both ends close', async () => {
  await using stacks = await two()
  const body = much(500_000, 0x9e3779b1)
  const server = https.createServer({ key, cert }, (_, response) => response.end(body))
  const { dial, closed } = await service(stacks, socket => server.emit('connection', socket), true)
  const createConnection = () => tls.connect({ socket: dial(), ca: cert, servername: 'localhost' })
  for (let i = 0; i < 3; i++) {
    const asking = https.request({ createConnection, headers: { connection: 'close' } }).end()
    const [response] = (await once(asking, 'response')) as [http.IncomingMessage]
    expect((await buffer(response)).equals(body)).toBe(true)
  }
  expect(await closed()).toBe(6)
})
