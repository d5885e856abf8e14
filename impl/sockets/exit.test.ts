/** The peer of a process that exits gets everything that was ended, and a reset otherwise. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { at } from '../../checker/text/at.ts'
import { createServer, Stack } from './index.ts'

const SCRIPT = join(import.meta.dirname, 'testing/exiting.ts')

/** The number of bytes that a server reads, and then the codes of errors, and `end`. */
type Seen = readonly [bytes: number, ...events: string[]]

/**
 * Runs a client that exits in this way. The server reads at once, or when the client's process is gone. Resolves to what
 * the server has seen once its socket is closed.
 */
async function seenOf(
  way: string,
  readsAt: 'once' | 'the end',
  addresses: readonly string[] = [],
): Promise<Seen> {
  await using stack = await new Stack({ addresses: ['127.0.0.1:0'] }).opened()
  const gone = Promise.withResolvers<void>()
  const seen = Promise.withResolvers<Seen>()
  const server = createServer({ stack, pauseOnConnect: true }, socket => {
    let bytes = 0
    const events: string[] = []
    socket.on('data', part => {
      bytes += part.length
    })
    socket.on('end', () => events.push('end'))
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => events.push(code))
    socket.on('close', () => seen.resolve([bytes, ...events]))
    socket.pause()
    socket.write('!')
    if (readsAt === 'once') socket.resume()
    else gone.promise.then(() => socket.resume())
  })
  server.listen('test/exit')
  await once(server, 'listening')
  using client = spawn(process.execPath, [SCRIPT, at(stack.addresses, 0), way, ...addresses])
  client.once('exit', () => gone.resolve())
  await gone.promise
  server.close()
  return await seen.promise
}

describe.concurrent('a client exits', SLOW, () => {
  test.each([
    ['in the callback of end', 'the end'],
    ['at the event finish', 'the end'],
    ['at the event close', 'once'],
    ['without a call', 'once'],
  ] as const)('after its end, %s: its server, which reads at %s, has everything', async (way, readsAt) => {
    expect(await seenOf(way, readsAt)).toEqual([20_000, 'end'])
  })

  test.each([
    'in the callback of end',
    'at the event finish',
    'at the event close',
    'without a call',
  ])('after its end, with several flows, %s: its server has everything', async way => {
    expect(await seenOf(way, 'once', ['127.0.0.1:0', '127.0.0.3:0'])).toEqual([20_000, 'end'])
  })

  test('before its end, with several flows: its server gets a reset at once', async () => {
    const seen = await seenOf('while it is idle', 'once', ['127.0.0.1:0', '127.0.0.3:0'])
    expect(seen).toEqual([1, 'ECONNRESET'])
  })

  test.each([
    'while it is idle',
    'in the middle of a write',
    'by an exception',
  ])('before its end, %s: its server gets a reset at once', async way => {
    expect((await seenOf(way, 'once')).slice(1)).toEqual(['ECONNRESET'])
  })
})
