/** A socket that connects again begins anew: nothing of the connection before reaches the next one. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import type { Socket } from './index.ts'
import { type Two, two } from './testing/connected.ts'

const redial = (world: Two, socket: Socket): Socket =>
  socket.connect({ service: 'test/service', via: at(world.server.addresses, 0) })

/** Serves, and collects what each connection received. */
async function collecting(world: Two): Promise<string[]> {
  const seen: string[] = []
  await world.serve(async socket => {
    socket.on('error', () => {})
    seen.push(await text(socket).catch(() => 'broken'))
  })
  return seen
}

test.each(['write', 'end'] as const)('what a destroyed socket should %s is lost', async call => {
  await using world = await two()
  const seen = await collecting(world)
  const socket = world.dial()
  socket.on('error', () => {})
  socket[call]('old')
  socket.destroy()
  await once(socket, 'close')
  redial(world, socket)
  await once(socket, 'connect')
  socket.end('new')
  await once(socket.resume(), 'close')
  expect([seen.filter(all => all !== ''), socket.bytesWritten]).toEqual([['new'], 3])
  expect(socket.listenerCount('connect')).toBe(0)
})

test('a socket that is destroyed and connected in one turn opens one connection', async () => {
  await using world = await two()
  let connections = 0
  await world.serve(socket => {
    connections++
    socket.on('error', () => {})
    socket.resume()
  })
  const socket = world.dial()
  let connects = 0
  socket.on('connect', () => connects++)
  for (let round = 0; round < 3; round++) {
    socket.destroy()
    redial(world, socket)
  }
  await once(socket, 'connect')
  socket.end()
  await once(socket.resume(), 'close')
  expect([connects, connections]).toEqual([1, 1])
  expect([...world.client.handles]).toEqual([])
})

test('the error of the connection before does not end the next one', async () => {
  await using world = await two()
  let isFirst = true
  await world.serve(socket => {
    socket.on('error', () => {})
    socket.write('bytes')
    if (isFirst) socket.resetAndDestroy()
    else socket.resume().end()
    isFirst = false
  })
  const socket = world.dial()
  const errors: unknown[] = []
  socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code))
  socket.resume()
  await once(socket, 'close').catch(() => {})
  if (!socket.closed) await once(socket, 'close')
  const before = errors.length
  redial(world, socket)
  socket.end()
  const [hadError] = await once(socket, 'close')
  expect([hadError, errors.length - before]).toEqual([false, 0])
})
