import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { connect, createServer, createSocket, type DatagramSocket, type RemoteInfo, Stack } from './index.ts'

let here: Stack
let there: Stack
let via: string

beforeEach(async () => {
  here = await new Stack({ addresses: ['127.0.0.1:0', '127.0.0.3:0'] }).opened()
  there = await new Stack({ addresses: ['127.0.0.2:0', '127.0.0.4:0'] }).opened()
  via = at(there.addresses, 0)
})
afterEach(async () => {
  await Promise.all([here.close({ limitMs: 0 }), there.close({ limitMs: 0 })])
})

type Heard = [message: Buffer, from: RemoteInfo]

const hear = async (socket: DatagramSocket): Promise<string> =>
  `${((await once(socket, 'message')) as Heard)[0]}`

/** Serves the service: answers each message in capitals. */
const echo = async (options = {}): Promise<DatagramSocket> => {
  const server = createSocket({ stack: there, ...options }, (message, from) =>
    server.send(`${message}`.toUpperCase(), from),
  )
  server.bind('acme/echo')
  await once(server, 'listening')
  return server
}

const dial = async (options = {}): Promise<DatagramSocket> => {
  const socket = createSocket({ stack: here, ...options })
  socket.connect({ service: 'acme/echo', via })
  await once(socket, 'connect')
  return socket
}

describe('with a connection', () => {
  test('messages keep their boundaries, and are answered', async () => {
    await echo()
    const socket = await dial()
    expect(socket.remoteAddress()).toMatchObject({ address: '127.0.0.2', family: 'IPv4' })
    socket.send('one')
    expect(await hear(socket)).toBe('ONE')
    socket.send('')
    expect(await hear(socket)).toBe('')
  })

  test('any view is sent as its bytes in memory, and anything without bytes is rejected', async () => {
    await echo()
    const socket = await dial()
    socket.send(new Uint16Array([0x6161, 0x6262]))
    expect(await hear(socket)).toBe('AABB')
    socket.send(new DataView(new TextEncoder().encode('-view').buffer, 1))
    expect(await hear(socket)).toBe('VIEW')
    for (const nothing of [5, null, undefined, {}, ['a']])
      expect(() => socket.send(nothing as unknown as string)).toThrow('EINVAL')
  })

  test('messages sent before the connection leave when it is established', async () => {
    await echo()
    const socket = createSocket({ stack: here }).connect({ service: 'acme/echo', via })
    let isSync = true
    const sent = new Promise(resolve =>
      socket.send('early', (error, bytes) => resolve([error, bytes, isSync])),
    )
    isSync = false
    expect(await hear(socket)).toBe('EARLY')
    expect(await sent).toEqual([null, 5, false])
  })

  test('either end moves, and the other end hears of it', async () => {
    const server = await echo()
    const socket = await dial()
    const seen = once(server, 'path')
    await socket.migrate('127.0.0.3')
    expect(await seen).toEqual([{ local: via, remote: at(here.addresses, 1), reason: 'peer moved' }])
    socket.send('from elsewhere')
    expect(await hear(socket)).toBe('FROM ELSEWHERE')
    const moved = once(socket, 'path')
    await there.removeAddress('127.0.0.2')
    expect((await moved)[0]).toMatchObject({ remote: at(there.addresses, 0), reason: 'peer moved' })
    socket.send('and again')
    expect(await hear(socket)).toBe('AND AGAIN')
  })

  test('either end ends the other', async () => {
    const server = await echo()
    const socket = await dial()
    socket.send('x')
    await hear(socket)
    const closed = once(socket, 'close')
    server.close()
    expect(await closed).toEqual([])
  })

  test('both ends may close at the same time, and neither waits for the other', async () => {
    const server = await echo()
    const socket = await dial()
    socket.send('x')
    await hear(socket)
    socket.close()
    server.close()
    for (const { handles } of [here, there])
      while (handles.size > 0) await new Promise(resolve => setImmediate(resolve))
    expect([here.users.size, there.users.size]).toEqual([0, 0])
  })

  test('the peer that was silent longest is evicted', async () => {
    await echo({ maxPeers: 2 })
    const [first, second] = [await dial(), await dial()]
    second.send('2')
    await hear(second)
    first.send('1')
    await hear(first)
    const gone = once(second, 'close')
    const third = await dial()
    await gone
    for (const socket of [first, third]) {
      socket.send('still here')
      expect(await hear(socket)).toBe('STILL HERE')
    }
  })

  test('connecting is refused if nobody listens', async () => {
    const socket = createSocket({ stack: here }).connect({ service: 'acme/nobody', via })
    const closed = new Promise<string>(resolve => socket.on('close', () => resolve('closed')))
    expect((await once(socket, 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' })
    expect(await closed).toBe('closed')
  })

  test('a stream cannot connect to a datagram service, nor the reverse', async () => {
    await echo()
    const socket = connect({ service: 'acme/echo', via, stack: here, deadAfterMs: 100 })
    expect((await once(socket, 'error'))[0]).toMatchObject({ syscall: 'connect' })
  })
})

describe('without a connection', () => {
  test('messages go to a service, and answers come back', async () => {
    const server = await echo()
    const heard = once(server, 'message')
    const socket = createSocket({ stack: here })
    const answer = hear(socket)
    socket.send('alone', { service: 'acme/echo', via })
    const [, from] = (await heard) as Heard
    expect(from).toMatchObject({ address: '127.0.0.1', flow: undefined, size: 5 })
    expect(from.service).toMatch(/^[\da-f]{64}$/)
    expect(await answer).toBe('ALONE')
  })

  test('rules choose the destination', async () => {
    await echo()
    here.addService('acme', { via })
    const socket = createSocket({ stack: here }).bind('acme/asker')
    await once(socket, 'listening')
    socket.send('by the rule', 'acme/echo')
    expect(await hear(socket)).toBe('BY THE RULE')
    expect(here.removeService('acme', { via })).toBe(true)
  })
})

describe('errors', () => {
  const errorOf = (send: (told: (error: Error | null) => void) => void) =>
    new Promise(resolve => send(resolve))

  test('the callback receives errors of sending', async () => {
    await echo()
    const socket = await dial()
    expect(await errorOf(told => socket.send(new Uint8Array(2000), told))).toMatchObject({ code: 'EMSGSIZE' })
    expect(await errorOf(told => socket.send('x', 'acme/unknown', told))).toMatchObject({
      code: 'ENOTFOUND',
      cause: { code: 'SAL_NO_ROUTE' },
    })
    socket.close()
    expect(await errorOf(told => createSocket({ stack: here }).send('x', told))).toMatchObject({
      code: 'ENOTCONN',
    })
  })

  test('excess messages are refused with an error', async () => {
    await echo()
    const socket = await dial()
    const results: (Error | null)[] = []
    for (let i = 0; i < 1000; i++) socket.send('x', error => results.push(error))
    await hear(socket)
    expect(results.length).toBe(1000)
    expect(results.find(error => error !== null)).toMatchObject({ code: 'ENOBUFS' })
  })

  test('only one socket listens to a service', async () => {
    await echo()
    const other = createSocket({ stack: there }).bind('acme/echo')
    expect((await once(other, 'error'))[0]).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' })
    const server = createServer({ stack: there }).listen('acme/echo')
    expect((await once(server, 'error'))[0]).toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' })
  })
})
