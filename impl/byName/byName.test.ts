/** Programs made for `net` reach services by name, unchanged: Node's own clients. drivers.test.ts tries others. */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import dns, { lookup } from 'node:dns'
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect, Server, type Socket, Stack } from '../sockets/index.ts'
import { SPLICED } from '../sockets/splice.ts'
import { selfSigned } from '../sockets/testing/certificate.ts'
import { LOOPBACK, Meeting } from './meeting.ts'
import { reachByName } from './patch.ts'

const BIG = randomBytes(4 * 1024 * 1024)
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const servers: Readonly<Record<string, (socket: Socket) => void>> = {
  'acme/echo': socket => socket.pipe(socket),
  'acme/big': socket => socket.end(BIG),
  'acme/cut': socket => socket.once('data', () => socket.resetAndDestroy()),
  'acme/web': over(
    http.createServer((request, answer) => answer.end(`${request.headers.host} ${request.url}`)),
  ),
  'acme/safe': over(tls.createServer(selfSigned(), socket => socket.end('safe'))),
  'acme/grpc': over(http2.createServer((request, answer) => answer.end(`${request.headers[':authority']}`))),
}

function over(server: net.Server | http2.Http2Server): (socket: Socket) => void {
  return socket => void server.emit('connection', socket)
}

let far: Stack
let near: Stack
let undo: () => void
beforeAll(async () => {
  far = await new Stack({ addresses: ['127.0.0.1'] }).opened()
  near = await new Stack({ addresses: ['127.0.0.1'] }).opened()
  near.addService('acme', { via: far.addresses[0] as string })
  for (const [service, serve] of Object.entries(servers))
    new Server({ ...SPLICED, stack: far }, serve).listen(service)
  undo = await reachByName(near)
})
afterAll(async () => {
  undo()
  await near[Symbol.asyncDispose]()
  await far[Symbol.asyncDispose]()
})

async function read(socket: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

describe('by name', () => {
  test('net: written before it is connected, half closed, with each form of arguments', async () => {
    const forms: readonly ((done: () => void) => net.Socket)[] = [
      done => net.connect(7, 'echo.acme.serval', done),
      done => net.createConnection({ host: 'ECHO.acme.serval', port: 7 }, done),
      done => new net.Socket().connect(7, 'echo.acme.serval', done),
      done => new net.Socket().connect({ host: 'echo.acme.serval', port: 7 }, done),
    ]
    for (const form of forms) {
      let connected = 0
      const socket = form(() => connected++)
      expect(socket.connecting).toBe(true)
      socket.end('hello')
      expect(`${await read(socket)}`).toBe('hello')
      expect(connected).toBe(1)
    }
  })

  test('megabytes arrive whole', async () => {
    expect(hashOf(await read(net.connect(1, 'big.acme.serval')))).toBe(hashOf(BIG))
  })

  test('http and fetch', async () => {
    const [answer] = await once(http.get('http://web.acme.serval/one'), 'response')
    expect(`${await read(answer)}`).toBe('web.acme.serval /one')
    expect(await (await fetch('http://web.acme.serval/two')).text()).toBe('web.acme.serval /two')
  })

  test('tls', async () => {
    const socket = tls.connect({ host: 'safe.acme.serval', port: 443, rejectUnauthorized: false })
    expect(`${await read(socket)}`).toBe('safe')
    expect(socket.encrypted).toBe(true)
  })

  test('http2, which grpc uses', async () => {
    const session = http2.connect('http://grpc.acme.serval')
    expect(`${await read(session.request({ ':path': '/' }))}`).toBe('grpc.acme.serval:80')
    session.close()
  })

  test('a host that the program looks up before it connects', async () => {
    const { address, family } = await dns.promises.lookup('echo.acme.serval')
    expect([address.startsWith('127.'), family]).toEqual([true, 4])
    expect(await dns.promises.lookup('echo.acme.serval', { all: true })).toEqual([{ address, family }])
    const [first] = await new Promise<[string, number]>((resolve, reject) =>
      lookup('echo.acme.serval', (error, ...found) => (error ? reject(error) : resolve(found))),
    )
    expect(first).toBe(address)
    expect(await promisify(dns.lookup)('echo.acme.serval')).toEqual({ address, family })
    expect(await promisify(dns.lookup)('127.0.0.1')).toEqual({ address: '127.0.0.1', family: 4 })
    const [second] = await new Promise<dns.LookupAddress[]>((resolve, reject) =>
      dns.lookup('echo.acme.serval', { all: true, family: 6 }, (error, all) =>
        error ? reject(error) : resolve(all),
      ),
    )
    expect(second).toEqual({ address: `::ffff:${address}`, family: 6 })
    for (const host of [address, `::ffff:${address}`]) {
      const socket = net.connect(7, host)
      socket.end('found')
      expect(`${await read(socket)}`).toBe('found')
    }
  })
})

describe('what fails', () => {
  test.for([
    ['none.acme.serval', 'ECONNREFUSED'],
    ['web.other.serval', 'ENOTFOUND'],
  ])('a connect to %s, with %s', async ([host, code]) => {
    const socket = net.connect(80, host as string)
    const [error] = await once(socket, 'error')
    expect(error.code).toBe(code)
    expect(socket.destroyed).toBe(true)
  })

  test('a connection that the service resets', async () => {
    const socket = net.connect(80, 'cut.acme.serval', () => socket.write('?'))
    const [error] = await once(socket, 'error')
    expect(error.code).toBe('ECONNRESET')
  })

  test('nothing is left of a socket that is destroyed before it is connected', async () => {
    const before = near.users.size
    const socket = net.connect(80, 'echo.acme.serval')
    await new Promise(setImmediate)
    expect(near.users.size).toBe(before + 1)
    socket.destroy()
    await once(socket, 'close')
    await vi.waitUntil(() => near.users.size === before)
  })

  test('nothing is left at a socket whose connect has failed, and it may connect again', async () => {
    const socket = net.connect(80, 'none.acme.serval')
    await once(socket, 'error')
    await once(socket, 'close')
    expect(socket.listenerCount('connect')).toBe(0)
    socket.connect(80, 'echo.acme.serval').end('again')
    expect(`${await read(socket)}`).toBe('again')
  })

  test('a stream that is reset before it meets its socket ends the socket, and a socket its stream', async () => {
    const meeting = await new Meeting().open()
    const { port } = meeting
    const open = async () => {
      const stream = connect({
        ...SPLICED,
        stack: near,
        service: 'acme/echo',
        via: far.addresses[0] as string,
      })
      await once(stream, 'connect')
      return stream
    }
    const early = await open()
    early.destroy()
    const late = await open()
    const own = [early, late].map(stream => {
      const socket = net.connect(port, LOOPBACK)
      return socket.once('connect', () => meeting.join(socket, stream))
    })
    await once(own[0] as net.Socket, 'close')
    const elsewhere = net.createServer().listen(0, LOOPBACK)
    await once(elsewhere, 'listening')
    const lost = await open()
    const stray = net.connect((elsewhere.address() as net.AddressInfo).port, LOOPBACK)
    await once(stray, 'connect')
    meeting.join(stray, lost)
    stray.destroy()
    await once(lost, 'close')
    own[1]?.end('met')
    expect(`${await read(own[1] as net.Socket)}`).toBe('met')
    meeting.close()
    elsewhere.close()
    const [error] = await once(net.connect(port, LOOPBACK), 'error')
    expect(error.code).toBe('ECONNREFUSED')
  })

  test('a lookup of one service too many, by its callback', async () => {
    const again = await reachByName(near)
    const codes = new Set<string | undefined>()
    for (let i = 0; i < 2 ** 16 - 2; i++) dns.lookup(`s${i}.serval`, error => codes.add(error?.code))
    await new Promise(setImmediate)
    expect([...codes]).toEqual([undefined])
    dns.lookup('more.serval', error => codes.add(error?.code))
    await new Promise(setImmediate)
    expect([...codes]).toEqual([undefined, 'ENOBUFS'])
    again()
  })

  test('a program of the machine that finds the listener on loopback learns nothing', async () => {
    const stranger = net.connect((await new Meeting().open()).port, LOOPBACK)
    stranger.write('who is there?')
    const heard: Buffer[] = []
    stranger.on('data', bytes => heard.push(bytes))
    await expect(once(stranger, 'end')).rejects.toThrow('ECONNRESET')
    expect(heard).toEqual([])
  })
})

test('a program that ends as soon as its socket has closed loses no byte', async () => {
  const got = new Promise<Buffer>((resolve, reject) => {
    const server = new Server({ ...SPLICED, stack: far }, socket => {
      read(socket).then(resolve, reject)
      socket.end()
      server.close()
    }).listen('acme/sink')
  })
  const program = `
    const socket = require('node:net').connect(80, 'sink.acme.serval')
    socket.end(Buffer.alloc(4_000_000, 'x'))
    socket.on('finish', () => socket.destroy())`
  const hook = new URL('../../entries/register.ts', import.meta.url)
  const child = spawn(process.execPath, ['--import', hook.href, '--eval', program], {
    stdio: 'inherit',
    env: { ...process.env, SERVAL_VIA: far.addresses[0], NODE_OPTIONS: '' },
  })
  const [bytes, [status]] = await Promise.all([got, once(child, 'close')])
  expect([bytes.length, status]).toEqual([4_000_000, 0])
})

test('other hosts are reached as before', async () => {
  const server = net.createServer(socket => socket.end('plain')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  expect(`${await read(net.connect(port, '127.0.0.1'))}`).toBe('plain')
  expect(`${await read(net.connect({ port, host: 'localhost' }))}`).toBe('plain')
  server.close()
})
