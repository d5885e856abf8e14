/** Listeners that throw in a process that continues: like net, the stack finishes its other work. */
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
