/** Stacks that find each other through routers, or by broadcast, over UDP. */

import { once } from 'node:events'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { connect, createServer, createSocket, Stack, type StackOptions } from './index.ts'

const SERVICE = 'test/service'

/** Opens stacks that close at the end of the `await using` block. */
async function stacks(...options: readonly StackOptions[]) {
  const made = await Promise.all(options.map(one => new Stack(one).opened()))
  return {
    made,
    async [Symbol.asyncDispose]() {
      await Promise.all(made.map(stack => stack.close({ limitMs: 0 })))
    },
  }
}

const serve = async (stack: Stack, text: string) => {
  const server = createServer({ stack }, socket => socket.end(text)).listen(SERVICE)
  await once(server, 'listening')
  return server
}

async function heard(stack: Stack): Promise<string> {
  const socket = connect({ service: SERVICE, stack })
  let text = ''
  for await (const bytes of socket) text += bytes
  return text
}

test('a client that knows one router reaches a service two routers away', async () => {
  const forwards = true
  await using four = await stacks(
    { addresses: ['127.0.0.1:0'] },
    { addresses: ['127.0.0.2:0'], forwards },
    { addresses: ['127.0.0.3:0'], forwards },
    { addresses: ['127.0.0.4:0'] },
  )
  const [client, near, far, server] = four.made as [Stack, Stack, Stack, Stack]
  client.addService('*', { via: at(near.addresses, 0) })
  near.addService('*', { via: at(far.addresses, 0) })
  far.addService('test', { via: at(server.addresses, 0) })
  await serve(server, 'from afar')
  expect(await heard(client)).toBe('from afar')
  expect([near, far].map(stack => stack.counters.forwarded)).toEqual([1, 1])
  expect([near, far].map(stack => stack.host.flowCount)).toEqual([0, 0])
  // Messages take the same route, and their answers return directly.
  const bound = createSocket({ stack: server }, (message, from) => bound.send(`${message}!`, from))
  bound.bind('test/shout')
  await once(bound, 'listening')
  const asking = createSocket({ stack: client })
  asking.send('hello', 'test/shout')
  const [answer] = await once(asking, 'message')
  expect(String(answer)).toBe('hello!')
  expect([near, far].map(stack => stack.counters.forwarded)).toEqual([2, 2])
  // The last router refuses a service that it has no rule for.
  const socket = connect({ service: 'other/service', stack: client })
  const [error] = await once(socket, 'error')
  expect(error.code).toBe('ECONNREFUSED')
})

/** A network of its own on loopback: nobody else receives on this port. */
const ASKING_ALL = '127.255.255.255:54399'

test('without any rule, a stack finds a service by broadcast', async () => {
  const broadcast = ASKING_ALL
  await using four = await stacks(
    ...['127.0.0.1:0', '127.0.0.2:0', '127.0.0.3:0', '127.0.0.4:0'].map(address => ({
      addresses: [address],
      broadcast,
    })),
  )
  const [client, one, two, none] = four.made as [Stack, Stack, Stack, Stack]
  await serve(one, 'from one')
  expect(await heard(client)).toBe('from one')
  expect(client.counters.strangers).toBe(0)
  await serve(two, 'from two')
  // Both answer. The first one gets the flow; to the other the client seems to have left.
  expect(['from one', 'from two']).toContain(await heard(client))
  expect([one, two].map(stack => stack.host.flowCount).sort()).not.toEqual([0, 0])
  // A stack without the service stays silent, and so does the asking one, which hears itself as well.
  for (const stack of [none, client])
    expect(stack.counters).toMatchObject({ unserved: 0, notMeant: expect.any(Number) })
})

test('the broadcast address must be one of this machine', async () => {
  const stack = new Stack({ addresses: ['127.0.0.1:0'], broadcast: '203.0.113.255' })
  await expect(stack.opened()).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  await stack.close()
})
