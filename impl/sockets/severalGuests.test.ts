/** Software written for Node's sockets runs unchanged over connections with several flows, also while a path dies. */
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import tls from 'node:tls'
import { Agent, request } from 'undici'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { at } from '../../checker/text/at.ts'
import { httpAgent, type Socket, undiciConnector } from './index.ts'
import { SPLICED, splice } from './splice.ts'
import { selfSigned } from './testing/certificate.ts'
import { type Two, two } from './testing/connected.ts'

const BYTES = Buffer.alloc(100_000, 'abcdefg')

/** Resolves when the client's only connection has several flows; then its first address goes. */
async function lose({ client }: Two): Promise<void> {
  for (;;) {
    const [handle] = client.handles
    if ((handle?.set?.flows.size ?? 0) > 2) break
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  await client.removeAddress(client.addresses[0] ?? '')
}

test('http, whose server answers while a path dies', async () => {
  await using world = await two({ flows: 'all' })
  const web = http.createServer(async (asked, answer) => {
    answer.write('half ')
    await lose(world)
    answer.end(`and ${(await buffer(asked)).length}`)
  })
  await world.serve(socket => web.emit('connection', socket))
  const asked = http.request({ method: 'POST', createConnection: () => world.dial() as Duplex })
  asked.end(BYTES)
  const [response] = (await once(asked, 'response')) as [http.IncomingMessage]
  expect(await text(response)).toBe('half and 100000')
})

test('tls', async () => {
  await using world = await two({ flows: 'all' })
  const { key, cert } = selfSigned()
  await world.serve(socket => {
    const secure = new tls.TLSSocket(socket as Duplex as never, { isServer: true, key, cert })
    secure.pipe(secure)
  })
  const secure = tls.connect({
    socket: world.dial({ noDelay: true }) as Duplex as never,
    ca: cert,
    servername: 'localhost',
  })
  await once(secure, 'secureConnect')
  secure.write(BYTES)
  await lose(world)
  secure.end(BYTES)
  expect((await buffer(secure)).length).toBe(200_000)
})

test('ws', async () => {
  await using world = await two({ flows: 'all' })
  const web = http.createServer()
  new WebSocketServer({ server: web }).on('connection', one =>
    one.on('message', message => one.send(message)),
  )
  await world.serve(socket => web.emit('connection', socket))
  const client = new WebSocket('ws://service/', { createConnection: () => world.dial() as Duplex as never })
  await once(client, 'open')
  await lose(world)
  client.send(BYTES)
  const [back] = (await once(client, 'message')) as [Buffer]
  expect(back.equals(BYTES)).toBe(true)
  client.terminate()
})

test('undici, with the option of its connector', async () => {
  await using world = await two()
  const flows: number[] = []
  const web = http.createServer(async (asked, answer) => {
    await lose(world)
    flows.push((asked.socket as unknown as Socket).flows.length)
    answer.end(`${(await buffer(asked)).length}`)
  })
  await world.serve(socket => web.emit('connection', socket))
  const connect = undiciConnector({ stack: world.client, via: world.server.addresses[0] ?? '', flows: 'all' })
  const { body } = await request('http://service.test.serval/', {
    ...{ dispatcher: new Agent({ connect }), method: 'POST', body: BYTES },
  })
  expect(await body.text()).toBe('100000')
  expect(flows[0]).toBeGreaterThan(1)
})

test('httpAgent, with the option of its connections', async () => {
  await using world = await two()
  const flows: number[] = []
  const web = http.createServer(async (asked, answer) => {
    answer.write('half ')
    await lose(world)
    flows.push((asked.socket as unknown as Socket).flows.length)
    answer.end(`and ${(await buffer(asked)).length}`)
  })
  await world.serve(socket => web.emit('connection', socket))
  const agent = httpAgent({ stack: world.client, via: at(world.server.addresses, 0), flows: 'all' })
  const asked = http.request({ host: 'service.test.serval', method: 'POST', agent })
  asked.end(BYTES)
  const [response] = (await once(asked, 'response')) as [http.IncomingMessage]
  expect(await text(response)).toBe('half and 100000')
  expect(flows[0]).toBeGreaterThan(1)
  agent.destroy()
})

test('a relay at each end, between programs of TCP', async () => {
  await using world = await two({ flows: 'all' })
  const { signal } = new AbortController()
  const far = net.createServer({ allowHalfOpen: true }, socket => socket.pipe(socket)).listen(0, '127.0.0.1')
  const near = net.createServer({ allowHalfOpen: true }, tcp =>
    splice(world.dial(SPLICED), { source: tcp, sink: tcp }, signal),
  )
  near.listen(0, '127.0.0.1')
  await Promise.all([once(far, 'listening'), once(near, 'listening')])
  const portOf = (server: net.Server) => (server.address() as net.AddressInfo).port
  await world.serve(socket => {
    const tcp = net.connect({ port: portOf(far), host: '127.0.0.1', allowHalfOpen: true })
    splice(socket, { source: tcp, sink: tcp }, signal)
  }, SPLICED)
  const client = net.connect({ port: portOf(near), host: '127.0.0.1', allowHalfOpen: true })
  const back = buffer(client)
  client.write(BYTES)
  await lose(world)
  client.end(BYTES)
  expect((await back).equals(Buffer.concat([BYTES, BYTES]))).toBe(true)
  far.close()
  near.close()
})
