/** Abort signals that close servers and datagram sockets. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createServer, createSocket, Stack } from './index.ts'

const makers = {
  server: (stack: Stack, signal: AbortSignal) =>
    createServer({ stack }).listen({ service: 'test/aborted', signal }),
  messages: (stack: Stack, signal: AbortSignal) => createSocket({ stack, signal }).bind('test/aborted'),
}

test.each(Object.keys(makers) as (keyof typeof makers)[])('%s: aborted before and after', async kind => {
  await using stack = await new Stack({ addresses: ['127.0.0.1:0'] }).opened()
  await once(makers[kind](stack, AbortSignal.abort()), 'close')
  const controller = new AbortController()
  const one = makers[kind](stack, controller.signal)
  await once(one, 'listening')
  const closed = once(one, 'close')
  controller.abort()
  await closed
  // The name is free again.
  await once(makers[kind](stack, new AbortController().signal), 'listening')
  expect(stack.offers.names.size).toBe(1)
})
