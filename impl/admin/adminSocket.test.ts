import { once } from 'node:events'
import { existsSync, linkSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect as connectNet } from 'node:net'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { readCapture } from '../link/readCapture.ts'
import { connect, createServer } from '../sockets/index.ts'
import { Stack } from '../sockets/stack.ts'
import { CONNECTIONS_LIMIT } from './adminSocket.ts'
import { AdminClient, type AdminCode, openAdminSocket } from './index.ts'
import { REQUEST_LIMIT } from './messages.ts'
import { openTestStack } from './testing/testStack.ts'

const SERVICE = 'acme/echo'
const ADDRESSES = ['127.0.0.1:0', '127.0.0.3:0']

/** Opens a test whose stack has a connection to another stack's echo server. */
async function conversing() {
  const own = await openTestStack({ addresses: ADDRESSES })
  const there = await new Stack({ addresses: ['127.0.0.2:0'] }).opened()
  const server = createServer({ stack: there }, socket => socket.pipe(socket)).listen(SERVICE)
  await once(server, 'listening')
  const socket = connect({ service: SERVICE, via: must(there.addresses[0]), stack: own.stack })
  await once(socket, 'connect')
  const echo = async (text: string) => {
    socket.write(text)
    const [bytes] = await once(socket, 'data')
    return String(bytes)
  }
  return {
    ...{ ...own, there, server, socket, echo },
    async [Symbol.asyncDispose]() {
      await there.close({ limitMs: 0 })
      await own[Symbol.asyncDispose]()
    },
  }
}

const rejectedAs = (code: AdminCode) => expect.objectContaining({ code })

describe('facts', () => {
  test('lists the stack, its flows with both addresses, services, rules and counters', async () => {
    await using own = await conversing()
    const { client, stack, there } = own
    expect(await own.echo('hello')).toBe('hello')
    stack.addService('acme', { via: '192.0.2.1:54325', weight: 3 })
    const facts = await client.ask('stack', {})
    expect(facts).toMatchObject({ pid: process.pid, addresses: stack.addresses, mobility: 'leave' })
    const { flows, isMore } = await client.ask('flows', {})
    expect(flows).toMatchObject([
      {
        ...{
          service: SERVICE,
          kind: 'stream',
          side: 'client',
          connection: 'CONNECTED',
          migration: 'INITIAL',
        },
        ...{ local: stack.addresses[0], peer: there.addresses[0], sent: 5, received: 5 },
      },
    ])
    const { roundTripMs, silentMs } = must(flows[0])
    for (const measured of [roundTripMs, silentMs]) expect(measured).toBeGreaterThanOrEqual(0)
    expect(flows).toMatchObject([{ mtu: 1280, isStalled: false, goodput: null }])
    expect(isMore).toBe(false)
    expect((await client.ask('flows', { after: must(flows[0]).flow })).flows).toEqual([])
    expect((await client.ask('services', {})).services).toEqual([])
    const { rules } = await client.ask('rules', {})
    expect(rules).toMatchObject([{ bits: 32, weight: 3, target: 'forward 192.0.2.1:54325' }])
    const { counters } = await client.ask('counters', {})
    expect(counters).toMatchObject({
      malformed: 0,
      sent: expect.any(Number),
      'link.sent': expect.any(Number),
    })
    expect(counters.received).toBeGreaterThan(2)
  })

  test('the services of a server by name, with its flows', async () => {
    await using own = await openTestStack({ addresses: ['127.0.0.1:0'] })
    const { stack, client } = own
    const server = createServer({ stack }, socket => socket.pipe(socket)).listen(SERVICE)
    await once(server, 'listening')
    const socket = connect({ service: SERVICE, via: must(stack.addresses[0]), stack })
    await Promise.all([once(socket, 'connect'), once(server, 'connection')])
    const { services } = await client.ask('services', {})
    expect(services).toMatchObject([{ service: SERVICE, flows: 1, pending: 0, waiting: 0 }])
    const { flows } = await client.ask('flows', {})
    expect(flows.map(({ service }) => service)).toEqual([SERVICE, SERVICE])
    expect(flows.map(({ side }) => side).sort()).toEqual(['client', 'server'])
    expect(flows.map(({ flow }) => flow)).toEqual(flows.map(({ flow }) => flow).toSorted())
  })
})

describe('moves', () => {
  test('a flow moves to an address of its stack; the answer arrives when the peer has followed', async () => {
    await using own = await conversing()
    const { client, stack, socket } = own
    const [from, to] = stack.addresses as [string, string]
    const { flow } = must((await client.ask('flows', {})).flows[0])
    expect(await client.ask('migrate', { flow, to: '127.0.0.3' })).toEqual({ flow, from, to, failed: null })
    expect(socket.localAddress).toBe('127.0.0.3')
    expect(await own.echo('still here')).toBe('still here')
    expect((await client.ask('flows', {})).flows).toMatchObject([{ local: to, migration: 'INITIAL' }])
  })

  test('all flows of an address move, and no others', async () => {
    await using own = await conversing()
    const { client, stack } = own
    const { moved } = await client.ask('moveInterface', { from: '127.0.0.1', to: '127.0.0.3' })
    expect(moved).toMatchObject([{ from: stack.addresses[0], to: stack.addresses[1], failed: null }])
    expect(await client.ask('moveInterface', { from: '127.0.0.1', to: '127.0.0.3' })).toMatchObject({
      moved: [],
    })
  })

  test('a failed move says why', async () => {
    await using own = await conversing()
    const { client, socket } = own
    const { flow } = must((await client.ask('flows', {})).flows[0])
    const asked = client.ask('migrate', { flow, to: '127.0.0.3' })
    // Resets the flow before an answer can arrive.
    const { taps } = own.stack
    taps.add((_, direction) => direction === 'out' && queueMicrotask(() => socket.resetAndDestroy()))
    expect((await asked).failed).toMatch(/ECANCELED/)
  })

  test.for([
    ['migrate', { flow: '00000000', to: '127.0.0.3' }, 'ADMIN_FLOW'],
    ['moveInterface', { from: '127.0.0.1', to: '127.0.0.9' }, 'ADMIN_ADDRESS'],
    ['moveInterface', { from: '127.0.0.1', to: 'nowhere' }, 'ADMIN_ADDRESS'],
    ['moveInterface', { from: 'nowhere', to: '127.0.0.3' }, 'ADMIN_ADDRESS'],
    ['captureStop', {}, 'ADMIN_CAPTURE'],
    ['captureState', {}, 'ADMIN_CAPTURE'],
    ['captureStart', { path: 'not/whole' }, 'ADMIN_CAPTURE'],
    ['captureStart', { path: '/' }, 'ADMIN_CAPTURE'],
  ] as const)('%s %o is rejected with %s', async ([method, params, code]) => {
    await using own = await conversing()
    await expect(own.client.ask(method, params)).rejects.toEqual(rejectedAs(code))
    expect(await own.echo('unharmed')).toBe('unharmed')
  })
})

describe('captures', () => {
  test('the file holds the packets of its time, and only its owner may read it', async () => {
    await using own = await conversing()
    const { client, stack } = own
    const path = join(own.folder, 'packets.pcapng')
    await own.echo('before')
    await client.ask('captureStart', { path })
    await expect(client.ask('captureStart', { path })).rejects.toEqual(rejectedAs('ADMIN_CAPTURE'))
    await own.echo('during')
    expect((await client.ask('captureState', {})).packets).toBeGreaterThan(1)
    const told = await client.ask('captureStop', {})
    expect(stack.taps.size).toBe(0)
    await own.echo('after')
    const { datagrams, isCut } = readCapture(readFileSync(path))
    expect([datagrams.length, isCut, told.lost]).toEqual([told.packets, false, 0])
    const texts = datagrams.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('')
    expect(texts).toContain('during')
    expect(texts).not.toMatch(/before|after/)
    expect(new Set(datagrams.map(({ direction }) => direction))).toEqual(new Set(['in', 'out']))
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('replaces a file of that name, with fresh permissions, and does not follow a link', async () => {
    await using own = await conversing()
    const at = (name: string) => join(own.folder, name)
    writeFileSync(at('mine'), 'mine', { mode: 0o644 })
    linkSync(at('mine'), at('other'))
    symlinkSync(at('mine'), at('link'))
    symlinkSync(at('nowhere'), at('dangling'))
    for (const name of ['link', 'dangling'])
      await expect(own.client.ask('captureStart', { path: at(name) })).rejects.toEqual(
        rejectedAs('ADMIN_CAPTURE'),
      )
    await own.client.ask('captureStart', { path: at('other') })
    await own.client.ask('captureStop', {})
    expect(readFileSync(at('mine'), 'utf8')).toBe('mine')
    expect(statSync(at('other')).mode & 0o777).toBe(0o600)
    expect(existsSync(at('nowhere'))).toBe(false)
  })

  test('ends when its client disconnects', async () => {
    await using own = await conversing()
    const other = await AdminClient.open(own.path)
    await other.ask('captureStart', { path: join(own.folder, 'packets.pcapng') })
    expect(own.stack.taps.size).toBe(1)
    other.close()
    while (own.stack.taps.size > 0) await own.client.ask('stack', {})
    expect(await own.echo('on')).toBe('on')
  })
})

describe('the socket', () => {
  /** Returns everything received for `text` until the other end closes. */
  async function said(path: string, text: string | Uint8Array): Promise<string> {
    const socket = connectNet(path)
    socket.on('error', () => {})
    socket.end(text)
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  test.for([
    [-1, 'ADMIN_JSON', 'hello'],
    [-1, 'ADMIN_JSON', '{"id":7'],
    [-1, 'ADMIN_SHAPE', '[]'],
    [7, 'ADMIN_SHAPE', '{"id":7,"method":"flows"}'],
    [7, 'ADMIN_SHAPE', '{"id":7,"method":"migrate","params":{"flow":"x","to":"y"}}'],
    [7, 'ADMIN_SHAPE', '{"id":7,"method":"rules","params":{"after":-1}}'],
    [7, 'ADMIN_METHOD', '{"id":7,"method":"toString","params":{}}'],
    [7, 'ADMIN_METHOD', '{"id":7,"method":"shutdown","params":{}}'],
    [-1, 'ADMIN_LINE', 'x'.repeat(REQUEST_LIMIT + 1)],
  ] as const)('answers a wrong line with its id and a code: %s %s', async ([id, code, line]) => {
    await using own = await openTestStack({ addresses: ['127.0.0.1:0'] })
    const answer = JSON.parse(await said(own.path, `${line}\n`))
    expect(answer).toEqual({ id, error: { code, message: expect.stringContaining(code) } })
  })

  test('answers each line with a line, in order, and a partial line with nothing', async () => {
    await using own = await openTestStack({ addresses: ['127.0.0.1:0'] })
    const lines = [1, 2, 3].map(id => JSON.stringify({ id, method: 'stack', params: {} })).join('\n')
    const answers = (await said(own.path, lines)).trim().split('\n')
    expect(answers.map(line => JSON.parse(line).id)).toEqual([1, 2])
  })

  test('for any bytes, answers are lines of JSON and the stack continues', async () => {
    await using own = await conversing()
    const words = fc.constantFrom('flows', 'migrate', 'moveInterface', 'captureStart', 'to', 'after', 'flow')
    const value = fc.jsonValue({ maxDepth: 2 })
    const request = fc.record(
      {
        id: fc.oneof(fc.nat(), value),
        method: fc.oneof(words, fc.string()),
        params: fc.dictionary(words, value),
      },
      { requiredKeys: [] },
    )
    const line = fc.oneof(
      request.map(one => Buffer.from(`${JSON.stringify(one)}\n`)),
      fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), async pieces => {
        const answers = await said(own.path, Buffer.concat([...pieces, Buffer.from('\n')]))
        for (const one of answers.split('\n').slice(0, -1)) {
          const { id, result, error } = JSON.parse(one)
          expect(Number.isSafeInteger(id)).toBe(true)
          expect((result === undefined) !== (error === undefined)).toBe(true)
          if (error) expect(error.code).toMatch(/^ADMIN_[A-Z]+$/)
        }
      }),
      { numRuns: 150 },
    )
    expect(await own.echo('alive')).toBe('alive')
    expect(own.stack.taps.size).toBe(0)
  })

  test('refuses connections above the limit until others end', async () => {
    await using own = await openTestStack({ addresses: ['127.0.0.1:0'] })
    const more = Array.from({ length: CONNECTIONS_LIMIT - 1 }, () => AdminClient.open(own.path))
    const clients = await Promise.all(more)
    const extra = await AdminClient.open(own.path)
    await expect(extra.ask('stack', {})).rejects.toEqual(rejectedAs('ADMIN_BUSY'))
    for (const client of clients) client.close()
    let isTaken = false
    while (!isTaken) {
      const again = await AdminClient.open(own.path)
      isTaken = await again.ask('stack', {}).then(
        () => true,
        () => false,
      )
      again.close()
    }
    expect(isTaken).toBe(true)
  })

  test('is one per process, belongs to its owner alone, and closes with its stack', async () => {
    const own = await openTestStack({ addresses: ['127.0.0.1:0'] })
    await using other = new Stack({ addresses: ['127.0.0.1:0'] })
    expect(statSync(own.path).mode & 0o777).toBe(0o600)
    expect(statSync(own.folder).mode & 0o777).toBe(0o700)
    await expect(openAdminSocket(other, own.folder)).rejects.toEqual(rejectedAs('ADMIN_SOCKET'))
    await own.stack.close()
    await expect(own.client.ask('stack', {})).rejects.toEqual(rejectedAs('ADMIN_GONE'))
    expect(existsSync(own.path)).toBe(false)
    await using again = await openAdminSocket(other, own.folder)
    expect(again.path).toBe(own.path)
    await again.close()
    await own[Symbol.asyncDispose]()
  })
})
