/** A client that ends its half goes on reading, as over TCP. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createServer } from './index.ts'
import { two } from './testing/connected.ts'

/** Long enough that SAL's FIN has arrived and was acknowledged. */
const AFTER_FIN_MS = 300

test('a server writes long after the client has ended its half, and the client reads to the end', async () => {
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
