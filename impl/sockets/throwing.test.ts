/** Listeners that throw in a process that continues: like net, the stack finishes its other work. */
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { two } from './testing/connected.ts'
import { closed, netFixture, servalFixture } from './testing/fixtures.ts'

let thrown: string[] = []
let others: NodeJS.UncaughtExceptionListener[] = []

beforeEach(() => {
  thrown = []
  others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', error => thrown.push(error.message))
})

afterEach(() => {
  process.removeAllListeners('uncaughtException')
  for (const listener of others) process.on('uncaughtException', listener)
})

test.each([
  netFixture,
  servalFixture,
])('a listener that throws at each of many connections gets them all (%o)', async make => {
  await using fixture = await make()
  const all = Promise.withResolvers<void>()
  let count = 0
  await fixture.serve(socket => {
    socket.resume()
    if (++count === 8) all.resolve()
    throw new Error(`connection ${count}`)
  })
  const sockets = Array.from({ length: 8 }, () => fixture.dial())
  await all.promise
  for (const socket of sockets) socket.resume().end()
  await Promise.all(sockets.map(closed))
  expect(thrown).toHaveLength(8)
})

test.each([
  netFixture,
  servalFixture,
])('a listener that throws at data gets the rest, and the end (%o)', async make => {
  await using fixture = await make()
  await fixture.serve(socket => socket.end(Buffer.alloc(1_000_000)))
  const socket = fixture.dial()
  let bytes = 0
  socket.on('data', (piece: Buffer) => {
    bytes += piece.length
    throw new Error('data')
  })
  await once(socket, 'end')
  expect(bytes).toBe(1_000_000)
  expect(new Set(thrown)).toEqual(new Set(['data']))
})

test('a listener that throws when flows join and end hears of all', async () => {
  await using world = await two()
  await world.serve(socket => socket.resume())
  const socket = world.dial()
  await once(socket, 'connect')
  const seen: string[] = []
  for (const event of ['flow', 'flowEnd', 'path'])
    socket.on(event, () => {
      seen.push(event)
      throw new Error(event)
    })
  await Promise.all([socket.addFlow('127.0.0.3'), socket.addFlow('127.0.0.3')])
  // All in one turn, the flow that the socket shows among them.
  const [first, second, third] = socket.flows
  const pair = [first, second].map(one => one?.flow as number)
  for (const flow of pair) socket.removeFlow(flow)
  await expect.poll(() => socket.flows.map(({ flow }) => flow)).toEqual([third?.flow])
  await expect.poll(() => seen.toSorted()).toEqual(['flow', 'flow', 'flowEnd', 'flowEnd', 'path'])
  expect(thrown.toSorted()).toEqual(seen.toSorted())
})
