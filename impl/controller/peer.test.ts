import { once } from 'node:events'
import { expect, test } from 'vitest'
import { connect, createServer, type Socket } from '../sockets/index.ts'
import { encode } from './messages.ts'
import { Peer } from './peer.ts'
import { Plane } from './testing/plane.ts'

test('a question still queued when its host disconnects is not answered, so nothing is kept for it', async () => {
  await using plane = new Plane()
  const [here, there] = [await plane.stack(), await plane.stack()]
  const server = createServer({ stack: here }).listen('acme/controller')
  await once(server, 'listening')
  const client = connect({ service: 'acme/controller', via: here.addresses[0] as string, stack: there })
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [waiting, turn, gone] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ]
  const asked: string[] = []
  const peer = new Peer(
    socket,
    {
      accepted: async socket => socket,
      turn: () => {
        waiting.resolve()
        return turn.promise
      },
      asked: (_, { type }) => asked.push(type),
      rules: () => ({ text: '', version: 0, work: 1, isEmpty: true }),
      later: () => {},
      gone: () => gone.resolve(),
      mistake: () => {},
      now: () => 0,
    },
    () => false,
  )
  const served = peer.serve()
  client.write(encode({ type: 'resolve', service: 'acme/web' }))
  await waiting.promise
  client.resetAndDestroy()
  await gone.promise
  turn.resolve()
  await served
  expect(asked).toEqual([])
  server.close()
})
