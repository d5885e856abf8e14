/** One connection over several flows, between two hosts with two addresses each, over UDP sockets of the system. */
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import type { FlowInfo, FlowPlace, FlowPolicy, Socket } from './index.ts'
import { createServer, Stack } from './index.ts'
import { two } from './testing/connected.ts'
import { connected } from './testing/cuttable.ts'

const BYTES = Buffer.alloc(300_000, 'abcdefg')

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => setTimeout(resolve, 5))
}

/** Resolves when `socket` has `count` flows that are open. */
async function opens(socket: Socket, count: number): Promise<readonly FlowInfo[]> {
  await until(() => socket.flows.filter(({ state }) => state === 'open').length === count)
  return socket.flows
}

/** Returns the flows' ends without ports. */
const ends = (flows: readonly FlowPlace[]) =>
  flows.map(({ local, remote }) => `${local} ${remote}`.replace(/:\d+/g, '')).sort()

const codeOf = (error: NodeJS.ErrnoException) => error.code

describe('a policy', () => {
  test('all gives each address of either end a flow', async () => {
    await using world = await connected('stay', { flows: 'all' })
    await opens(world.socket, 3)
    expect(ends(world.socket.flows)).toEqual([
      '127.0.0.1 127.0.0.2',
      '127.0.0.1 127.0.0.4',
      '127.0.0.3 127.0.0.2',
    ])
    await opens(world.accepted, 3)
    await world.exchange()
    while (!world.socket.flows.some(({ goodput = 0 }) => goodput > 0)) await world.exchange()
  })

  test('all of a server joins the addresses of its client', async () => {
    await using world = await connected('stay', {}, { flows: 'all' })
    await opens(world.accepted, 3)
    await opens(world.socket, 3)
    await world.exchange()
    expect(ends(world.accepted.flows)).toContain('127.0.0.4 127.0.0.1')
  })

  test('opens no flow again that somebody removed: two ends that disagree would never rest', async () => {
    await using world = await connected('stay', { flows: 'all' })
    const { socket, accepted } = world
    let opened = 0
    socket.on('flow', () => opened++)
    accepted.on('flow', () => {
      if (accepted.flows.length > 1) accepted.removeFlow(at(accepted.flows, 1))
    })
    // Of the four pairs of addresses, the first flow keeps one.
    await until(() => opened > 3 || (opened === 3 && socket.flows.length === 1))
    expect([opened, socket.flows.length]).toEqual([3, 1])
  })

  test('failover keeps backups, at both ends, one of which shares no address with the first flow', async () => {
    await using world = await connected('stay', { flows: 'failover' })
    await opens(world.socket, 3)
    await until(() => world.accepted.flows.filter(({ isBackup }) => isBackup).length === 2)
    for (const { flows } of [world.socket, world.accepted])
      expect(flows.map(one => one.isBackup)).toEqual([false, true, true])
    expect(ends(world.socket.flows)).toContain('127.0.0.3 127.0.0.4')
  })

  test('adds nothing by default, and one refuses what the peer adds', async () => {
    await using plain = await connected()
    await plain.exchange()
    expect([plain.socket.flows.length, plain.accepted.flows.length]).toEqual([1, 1])
    await using single = await connected('stay', {}, { flows: 'one' })
    expect(await single.socket.addFlow('127.0.0.3').catch(codeOf)).toBe('EOPNOTSUPP')
  })

  test('of a server overrides that of its stack, and refuses flows', async () => {
    await using world = await two()
    const server = createServer({ stack: world.server, flows: 'one' }, socket => socket.resume()).listen(
      'test/service',
    )
    await once(server, 'listening')
    const socket = world.dial()
    await once(socket, 'connect')
    expect(await socket.addFlow('127.0.0.3').catch(codeOf)).toBe('ECONNREFUSED')
    expect(socket.flows.length).toBe(1)
  })

  test('that does not exist is refused', () => {
    const wrong = { flows: 'most' as FlowPolicy }
    expect(() => new Stack(wrong)).toThrow("flows is 'most'; give 'one', 'failover', 'all'")
    expect(() => createServer(wrong)).toThrow(/ERR_INVALID_ARG_VALUE/)
  })
})

describe('data', () => {
  test.each(['all', 'failover'] as const)('survives the death of the first path (%s)', async flows => {
    await using world = await connected('stay', { flows })
    await opens(world.socket, 3)
    await world.exchange()
    world.cut(0)
    // More than the congestion window of any flow, so each flow sends some.
    await world.exchange(20)
    expect(world.socket.flows.filter(({ state }) => state === 'stalled').length).toBeGreaterThan(0)
  })

  test('goes on when the first flow is removed, by either end, and in both directions', async () => {
    await using world = await connected()
    const { socket, accepted } = world
    const second = await socket.addFlow('127.0.0.3')
    await opens(accepted, 2)
    const [ended] = await Promise.all([
      once(socket, 'flowEnd'),
      once(accepted, 'flowEnd'),
      socket.removeFlow(at(socket.flows, 0)),
    ])
    expect(ends(ended)).toEqual(['127.0.0.1 127.0.0.2'])
    expect([socket.flow, socket.localAddress]).toEqual([second.flow, '127.0.0.3'])
    await world.exchange()
    await socket.addFlow({ from: '127.0.0.1', to: world.serverStack.addresses[1] })
    await opens(accepted, 2)
    accepted.removeFlow(at(accepted.flows, 0))
    await Promise.all([once(socket, 'flowEnd'), once(accepted, 'flowEnd')])
    expect(ends(socket.flows)).toEqual(['127.0.0.1 127.0.0.4'])
    await world.exchange()
  })

  test('goes on while a chosen flow moves, and the others stay', async () => {
    await using world = await connected()
    const { socket, accepted } = world
    const second = await socket.addFlow('127.0.0.3')
    await opens(accepted, 2)
    await socket.migrate('127.0.0.1', second)
    expect(ends(socket.flows)).toEqual(['127.0.0.1 127.0.0.2', '127.0.0.1 127.0.0.2'])
    await world.exchange()
    await socket.migrate('127.0.0.3')
    expect(socket.flows.map(({ flow, local }) => [flow === second.flow, local.split(':')[0]])).toEqual([
      [false, '127.0.0.3'],
      [true, '127.0.0.1'],
    ])
    await world.exchange()
    expect(await socket.migrate('127.0.0.1', 12).catch(codeOf)).toBe('EINVAL')
  })

  test('continues while addresses disappear and appear: flows leave and join', async () => {
    await using world = await two({ flows: 'all' })
    await world.serve(socket => socket.pipe(socket))
    const socket = world.dial()
    await opens(socket, 3)
    const [one = '', other = ''] = world.client.addresses
    const pump = buffer(socket)
    socket.write(BYTES)
    const uses = (host: string) => ends(socket.flows).some(text => text.startsWith(`${host} `))
    await world.client.removeAddress(one)
    await until(() => !uses('127.0.0.1'))
    expect(socket.localAddress).toBe('127.0.0.3')
    await world.client.addAddress(one)
    await until(() => uses('127.0.0.1'))
    await world.client.removeAddress(other)
    await until(() => !uses('127.0.0.3'))
    socket.end(BYTES)
    expect((await pump).equals(Buffer.concat([BYTES, BYTES]))).toBe(true)
  })

  test('moves with one flow when all addresses go, and the others leave', async () => {
    await using world = await two({ flows: 'all' })
    await world.serve(socket => socket.pipe(socket))
    const socket = world.dial()
    await opens(socket, 3)
    const back = buffer(socket)
    for (const address of world.client.addresses) await world.client.removeAddress(address)
    const moved = once(socket, 'path')
    await world.client.addAddress('127.0.0.5')
    await moved
    expect(socket.localAddress).toBe('127.0.0.5')
    socket.end(BYTES)
    expect((await back).equals(BYTES)).toBe(true)
  })
})

describe('an end', () => {
  test('of both sides over several flows leaves nothing behind', async () => {
    const world = await two({ flows: 'all' })
    await world.serve(socket => socket.pipe(socket))
    const socket = world.dial()
    const seen: string[] = []
    const [ended, closed] = [buffer(socket), once(socket, 'close')]
    for (const event of ['flowEnd', 'path', 'error', 'finish', 'end', 'close'])
      socket.on(event, () => seen.push(event))
    await opens(socket, 3)
    socket.end(BYTES)
    expect((await ended).equals(BYTES)).toBe(true)
    await closed
    expect(seen.sort()).toEqual(['close', 'end', 'finish'])
    expect(socket.flows).toEqual([])
    await Promise.all([world.client.close(), world.server.close()])
    for (const { handles, counters } of [world.client, world.server])
      expect([handles.size, counters.faults]).toEqual([0, 0])
  })

  test('of one half leaves the other one open, also for new writes', async () => {
    await using world = await two({ flows: 'all' })
    const server = createServer({ stack: world.server, allowHalfOpen: true }, async socket => {
      await buffer(socket)
      socket.write('late ')
      setTimeout(() => socket.end('answer'), 50)
    }).listen('test/service')
    await once(server, 'listening')
    const socket = world.dial({ allowHalfOpen: true })
    await opens(socket, 3)
    socket.end('asked')
    await once(socket, 'finish')
    expect(`${await buffer(socket)}`).toBe('late answer')
  })

  test('of one half lets further flows join, which carry the other half', async () => {
    await using world = await two()
    const gained = Promise.withResolvers<void>()
    const server = createServer({ stack: world.server, allowHalfOpen: true }, async socket => {
      await buffer(socket)
      await gained.promise
      socket.end(BYTES)
    }).listen('test/service')
    await once(server, 'listening')
    const socket = world.dial()
    await once(socket, 'connect')
    await socket.addFlow('127.0.0.3')
    const before = socket.flows
    socket.end('asked')
    await once(socket, 'finish')
    await socket.addFlow('127.0.0.3')
    for (const { flow } of before) socket.removeFlow(flow)
    expect(ends(await opens(socket, 1))).toEqual(['127.0.0.3 127.0.0.2'])
    gained.resolve()
    expect((await buffer(socket)).equals(BYTES)).toBe(true)
  })

  test('by a reset reaches all flows', async () => {
    await using world = await connected('stay', { flows: 'all' })
    await opens(world.accepted, 3)
    const failed = once(world.accepted, 'error')
    world.socket.resetAndDestroy()
    expect(codeOf(at((await failed) as [Error], 0))).toBe('ECONNRESET')
    expect(world.serverStack.host.flows().filter(({ isLive }) => isLive)).toEqual([])
  })

  test('by silence of all paths is a timeout, and not by that of one', async () => {
    await using world = await two()
    await world.serve(socket => socket.resume())
    const socket = world.dial({ flows: 'all', deadAfterMs: 400 })
    await opens(socket, 3)
    const failed = once(socket, 'error') as Promise<[Error]>
    await world.server.close({ limitMs: 0 })
    socket.write('anybody?')
    expect(['ETIMEDOUT', 'ECONNRESET']).toContain(codeOf(at(await failed, 0)))
  })

  test('cancels flows that are joining', async () => {
    await using world = await connected()
    const joining = world.socket.addFlow({ to: '127.0.0.9:9' }).catch(codeOf)
    world.socket.destroy()
    expect(await joining).toBe('ECANCELED')
  })
})

describe('addFlow and removeFlow', () => {
  test.each([
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [7, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ from: 7 }, 'ERR_INVALID_ARG_TYPE'],
    [{ to: {} }, 'ERR_INVALID_ARG_TYPE'],
    [{ from: '127.0.0.3', isBackup: 'yes' }, 'ERR_INVALID_ARG_TYPE'],
    ['nowhere at all', 'EINVAL'],
    ['127.0.0.77', 'EADDRNOTAVAIL'],
    [{ to: 'x'.repeat(5000) }, 'LINK_ADDRESS'],
    [{ from: '127.0.0.3', to: '[::1]:5' }, 'EAFNOSUPPORT'],
    [{ from: '127.0.0.3', to: '127.0.0.2:0' }, 'LINK_ADDRESS'],
  ])('refuses the place %j with %s', async (place, code) => {
    await using world = await connected()
    expect(await world.socket.addFlow(place as string).catch(codeOf)).toBe(code)
    expect(world.socket.flows.length).toBe(1)
  })

  test.each([
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    ['12', 'ERR_INVALID_ARG_TYPE'],
    [Number.NaN, 'EINVAL'],
    [12, 'EINVAL'],
  ])('refuses the flow %j with %s', async (flow, code) => {
    await using world = await connected()
    expect(await world.socket.removeFlow(flow as number).catch(codeOf)).toBe(code)
  })

  test('keeps the last flow, and asks for a connection', async () => {
    await using world = await connected()
    const { socket } = world
    expect(await socket.removeFlow(socket.flow as number).catch(codeOf)).toBe('EBUSY')
    socket.destroy()
    expect(await socket.removeFlow(1).catch(codeOf)).toBe('ENOTCONN')
    expect(await socket.addFlow('127.0.0.3').catch(codeOf)).toBe('ENOTCONN')
  })

  test('stops at the most flows of a connection', async () => {
    await using world = await connected()
    for (let i = 0; i < 7; i++) await world.socket.addFlow('127.0.0.3')
    expect(await world.socket.addFlow('127.0.0.3').catch(codeOf)).toBe('ENOBUFS')
    await world.exchange()
  })
})
