/** Datagrams over several flows, between two hosts with two addresses each, over UDP sockets of the system. */
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { parseAddress } from '../link/address.ts'
import { type FaultyLink, faults } from '../link/faults.ts'
import { realClock } from '../link/realClock.ts'
import { openUdp } from '../link/udp.ts'
import { createSocket, type DatagramOptions, type DatagramSocket, type RemoteInfo, Stack } from './index.ts'

let open: AsyncDisposable[] = []
afterEach(async () => {
  await Promise.all(open.map(one => one[Symbol.asyncDispose]()))
  open = []
})

async function stackAt(...hosts: readonly string[]): Promise<{ stack: Stack; link: FaultyLink }> {
  const udp = await openUdp({ addresses: hosts.map(host => parseAddress(host, 0)) })
  const link = faults(udp, {}, Math.random, realClock())
  const stack = await new Stack({ link }).opened()
  open.push({ [Symbol.asyncDispose]: () => stack.close({ limitMs: 0 }) })
  return { stack, link }
}

/** A socket of a client, connected to one that answers each message in capitals. */
async function connected(options: DatagramOptions = {}, server: DatagramOptions = {}) {
  const [one, other] = [await stackAt('127.0.0.1', '127.0.0.3'), await stackAt('127.0.0.2', '127.0.0.4')]
  const heard: RemoteInfo[] = []
  const bound = createSocket({ ...server, stack: other.stack }, (message, from) => {
    heard.push(from)
    bound.send(`${message}`.toUpperCase(), from)
  })
  bound.bind('test/service')
  await once(bound, 'listening')
  const socket = createSocket({ ...options, stack: one.stack })
  socket.connect({ service: 'test/service', via: at(other.stack.addresses, 0) })
  await once(socket, 'connect')
  return {
    ...{ socket, bound, heard, client: one.stack, server: other.stack },
    cut: (i: number) => {
      for (const address of other.link.addresses()) one.link.cut(at(one.link.addresses(), i), address)
    },
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => setTimeout(resolve, 5))
}

/** Resolves when the socket has so many open flows. */
const opens = (socket: DatagramSocket, count: number) =>
  until(() => socket.flows.filter(({ state }) => state === 'open').length === count)

/** Sends a message again and again until it is answered. */
async function exchange(socket: DatagramSocket, text: string): Promise<void> {
  const sending = setInterval(() => socket.send(text), 5)
  for (;;) {
    const [message] = (await once(socket, 'message')) as [Buffer]
    if (`${message}` === text.toUpperCase()) break
  }
  clearInterval(sending)
}

/** Returns the flows' ends without ports. */
const ends = ({ flows }: DatagramSocket) =>
  flows.map(({ local, remote }) => `${local} ${remote}`.replace(/:\d+/g, '')).sort()

describe('a policy', () => {
  test('all gives each address a flow, and messages survive the death of any path', async () => {
    const { socket, cut } = await connected({ flows: 'all' })
    await opens(socket, 3)
    expect(ends(socket)).toEqual(['127.0.0.1 127.0.0.2', '127.0.0.1 127.0.0.4', '127.0.0.3 127.0.0.2'])
    await exchange(socket, 'before')
    cut(0)
    await exchange(socket, 'after')
    // The path that died may not have been the fastest: then a question shows it.
    while (!socket.flows.some(({ state }) => state === 'stalled')) await exchange(socket, 'more')
    expect(socket.flows.filter(({ state }) => state === 'open').length).toBeGreaterThan(0)
  })

  test('of a server joins the addresses of its client, and failover keeps a backup', async () => {
    const { socket, bound } = await connected({}, { flows: 'failover' })
    await opens(socket, 2)
    await exchange(socket, 'on')
    expect(socket.flows.map(({ isBackup }) => isBackup)).toEqual([false, true])
    expect(bound.flows).toEqual([])
  })

  test('one refuses what the peer adds', async () => {
    const { socket } = await connected({}, { flows: 'one' })
    await expect(socket.addFlow('127.0.0.3')).rejects.toThrow(/ECONNREFUSED/)
    await exchange(socket, 'on')
    expect(socket.flows).toMatchObject([{ state: 'open', roundTripMs: -1 }])
  })
})

describe('an application', () => {
  test('adds and removes flows, also the first, and its peer goes on answering messages of the first', async () => {
    const { socket, bound, heard } = await connected()
    await exchange(socket, 'first')
    const added: unknown[] = []
    socket.on('flow', place => added.push(place))
    const second = await socket.addFlow('127.0.0.3')
    expect(second).toMatchObject({ local: expect.stringContaining('127.0.0.3') })
    await exchange(socket, 'both')
    expect(added).toEqual([second])
    await until(() => socket.flows.every(({ roundTripMs }) => roundTripMs > 0))
    const ended = once(socket, 'flowEnd')
    const [first] = socket.flows
    await socket.removeFlow(at(socket.flows, 0))
    expect((await ended)[0].flow).toBe(first?.flow)
    expect(socket.flows.map(({ flow }) => flow)).toEqual([second.flow])
    await exchange(socket, 'second')
    let isAnswered = false
    socket.on('message', message => (isAnswered ||= `${message}` === 'late'))
    bound.send('late', at(heard, 0))
    await until(() => isAnswered)
    expect(new Set(heard.map(({ flow }) => flow)).size).toBe(1)
    await expect(socket.removeFlow(second)).rejects.toThrow(/EBUSY/)
  })

  test('ends the whole connection by closing its socket, at both ends', async () => {
    const { socket, client, server } = await connected({ flows: 'all', scheduler: 'redundant' })
    await opens(socket, 3)
    const last = once(socket, 'message')
    socket.send('last')
    await last
    socket.close()
    await until(() => client.handles.size + server.handles.size === 0)
    expect(client.host.flows().length).toBeLessThanOrEqual(3)
  })

  test('moves any of its flows', async () => {
    const { socket, client, server } = await connected()
    const second = await socket.addFlow({ to: at(server.addresses, 1) })
    await socket.migrate('127.0.0.3', second)
    await exchange(socket, 'moved')
    expect(socket.flows[1]?.local).toBe(at(client.addresses, 1))
  })

  test('that is not connected has no flows', async () => {
    const { stack } = await stackAt('127.0.0.1')
    const socket = createSocket({ stack })
    expect(socket.flows).toEqual([])
    await expect(socket.addFlow('127.0.0.1')).rejects.toThrow(/ENOTCONN/)
    await expect(socket.removeFlow(1)).rejects.toThrow(/ENOTCONN/)
    expect(() => createSocket({ stack, flows: 'most' as 'all' })).toThrow(/ERR_INVALID_ARG_VALUE/)
  })
})

test('redundant delivers each message once, although it leaves in every flow', async () => {
  const { socket, heard } = await connected(
    { flows: 'all', scheduler: 'redundant' },
    { scheduler: 'redundant' },
  )
  await opens(socket, 3)
  let answers = 0
  socket.on('message', () => answers++)
  for (let i = 0; i < 20; i++) socket.send(`${i}`)
  await until(() => answers === 20)
  expect(socket.flows.map(({ messagesSent }) => messagesSent)).toEqual([20, 20, 20])
  await until(() => socket.flows.every(({ messagesReceived }) => messagesReceived >= 20))
  expect([heard.length, answers]).toEqual([20, 20])
})
