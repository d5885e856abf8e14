/** Each end closes its own half, as over TCP. */
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createServer, type Socket } from './index.ts'
import { type Two, two } from './testing/connected.ts'

/** Long enough for SAL's FIN to arrive and be acknowledged. */
const AFTER_FIN_MS = 300
/** Less than a stream takes at once. */
const PART_BYTES = 100_000

test('a server writes long after the client has ended its half, and the client reads everything', async () => {
  await using stacks = await two()
  const server = createServer({ stack: stacks.server, allowHalfOpen: true }).listen('test/service')
  await once(server, 'listening')
  const socket = stacks.dial()
  const [accepted] = await once(server, 'connection')
  accepted.resume()
  socket.end('question')
  const answer = text(socket)
  await once(accepted, 'end')
  for (const part of ['one ', 'two ', 'three']) {
    await wait(AFTER_FIN_MS)
    accepted.write(part)
  }
  accepted.end()
  expect(await answer).toBe('one two three')
})

/** Opens a connection; `client` and `server` say whether that end may stay half open. */
async function pair(stacks: Two, { client, server }: { client: boolean; server: boolean }) {
  const listening = createServer({ stack: stacks.server, allowHalfOpen: server }).listen('test/service')
  await once(listening, 'listening')
  const dialled = stacks.dial({ allowHalfOpen: client })
  const [accepted] = (await once(listening, 'connection')) as [Socket]
  return { client: dialled, server: accepted }
}

describe.each([
  ['client', 'server'],
  ['server', 'client'],
] as const)('when the %s ends first', (first, second) => {
  test('the other end may stay half open, and write until it ends', async () => {
    await using stacks = await two()
    const both = await pair(stacks, { client: true, server: true })
    const [ending, open] = [both[first], both[second]]
    const closed = [once(ending, 'close'), once(open, 'close')]
    const answer = text(ending)
    ending.end('question')
    expect(await text(open)).toBe('question')
    await wait(AFTER_FIN_MS)
    expect([open.writable, open.destroyed, ending.destroyed]).toEqual([true, false, false])
    await open.migrate(first === 'client' ? '127.0.0.4' : '127.0.0.3')
    open.write('later ')
    await wait(AFTER_FIN_MS)
    open.end('still')
    expect(await answer).toBe('later still')
    expect(await Promise.all(closed)).toEqual([[false], [false]])
  })

  test('the other end follows immediately unless it may stay half open', async () => {
    await using stacks = await two()
    const both = await pair(stacks, { client: false, server: false })
    const [ending, following] = [both[first], both[second]]
    const closed = [once(ending, 'close'), once(following, 'close')]
    const answer = text(ending)
    following.write('said before')
    ending.end('question')
    // An iterator would destroy the socket after its end.
    expect(await text(following.pipe(new PassThrough()))).toBe('question')
    expect(await answer).toBe('said before')
    expect(await Promise.all(closed)).toEqual([[false], [false]])
    expect(following.writableEnded).toBe(true)
  })
})

test('a reset after the peer has ended: what it sent is read, and nothing that it refused counts as finished', async () => {
  await using stacks = await two()
  const { client, server } = await pair(stacks, { client: true, server: true })
  const events: string[] = []
  client.on('finish', () => events.push('finish'))
  client.on('end', () => events.push('end'))
  client.on('error', ({ code = '' }: NodeJS.ErrnoException) => events.push(code))
  server.end('answer')
  // The server reads nothing, so its buffers fill, and the client's keep the rest.
  let written = 0
  do {
    client.write(Buffer.alloc(PART_BYTES))
    written += PART_BYTES
    await wait(AFTER_FIN_MS)
  } while (client.statistics?.bytesSent === written)
  client.end()
  server.resetAndDestroy()
  await wait(AFTER_FIN_MS)
  const closed = new Promise(resolve => client.once('close', resolve))
  let answer = ''
  client.on('data', part => {
    answer += part
  })
  await closed
  expect([answer, ...events]).toEqual(['answer', 'end', 'ECONNRESET'])
})

test('the host keeps an ended flow for a minute, and nothing of its socket', async () => {
  await using stacks = await two()
  const both = await pair(stacks, { client: false, server: false })
  both.server.resume()
  both.client.resume().end()
  await Promise.all([once(both.client, 'close'), once(both.server, 'close')])
  const kept = [stacks.client, stacks.server].flatMap(stack => stack.host.flows())
  expect(kept.length).toBeGreaterThan(0)
  for (const flow of kept) expect(flow.user).toBeUndefined()
})

const record = (type: number, length: number): Buffer =>
  Buffer.concat([Buffer.of(type, 3, 3, 0, length), Buffer.alloc(length)])

test.each([
  ['a farewell of TLS 1.2', record(21, 2), []],
  ['a farewell of TLS 1.3', record(23, 19), []],
  ['data of TLS', record(23, 20), ['ECONNRESET']],
  ['a farewell and data', Buffer.concat([record(21, 2), record(21, 2)]), ['ECONNRESET']],
  ['other data', Buffer.from('hello'), ['ECONNRESET']],
])('%s that arrives after the peer was destroyed', async (_, bytes, expected) => {
  await using world = await two()
  await world.serve(socket => void socket.destroy())
  const socket = world.dial({ allowHalfOpen: true })
  const errors: unknown[] = []
  socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code))
  await once(socket.resume(), 'end')
  const closed = new Promise(resolve => socket.once('close', resolve))
  socket.end(bytes)
  await closed
  expect(errors).toEqual(expected)
})
