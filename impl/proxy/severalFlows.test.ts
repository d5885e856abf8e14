/** A proxy whose connections use several flows. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { SPLICED } from '../sockets/splice.ts'
import { two } from '../sockets/testing/connected.ts'
import { ProxyServer } from './proxyServer.ts'
import { readAll, socksConnect } from './testing/clients.ts'

const BYTES = Buffer.alloc(200_000, 'abcdefg')

test('a client of the proxy notices nothing when the path of its connection disappears', async () => {
  await using world = await two({ flows: 'all' })
  const { client: stack, server } = world
  const lost = Promise.withResolvers<void>()
  // Until then the server's window is full, and bytes wait at the client.
  await world.serve(socket => void lost.promise.then(() => socket.pipe(socket)), SPLICED)
  stack.addService('test', { via: at(server.addresses, 0) })
  const proxy = new ProxyServer({ stack })
  const { port } = await proxy.listen({ host: '127.0.0.1', port: 0 })
  const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  await once(client, 'connect')
  const heard = readAll(client)
  client.write(Buffer.concat([socksConnect('service.test.serval'), BYTES]))
  while (([...stack.handles][0]?.set?.flows.size ?? 0) < 3)
    await new Promise(resolve => setTimeout(resolve, 5))
  await stack.removeAddress(at(stack.addresses, 0))
  lost.resolve()
  client.end(BYTES)
  const { bytes, isCut } = await heard
  expect(isCut).toBe(false)
  // The answers to greeting and request come first.
  expect(bytes.subarray(12).equals(Buffer.concat([BYTES, BYTES]))).toBe(true)
  proxy.close()
})
