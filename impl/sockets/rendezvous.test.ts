/** Both ends of a running transfer lose their addresses at the same time, with a rendezvous between them. Real sockets. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { connect, createServer, Stack } from './index.ts'

const BYTES = 8 * 2 ** 20
const CHUNK = 2 ** 16
/** The shares of the transfer after which both ends move. */
const MOVES = [0.2, 0.4, 0.6]

test('a transfer continues, and arrives whole', async () => {
  const middle = await new Stack({ addresses: ['127.0.0.9:0'], forwards: true, relays: true }).opened()
  const rendezvous = at(middle.addresses, 0)
  const [client, server] = [
    await new Stack({ addresses: ['127.0.0.11:0'], rendezvous }).opened(),
    await new Stack({ addresses: ['127.0.0.21:0'], rendezvous }).opened(),
  ]
  client.addService('*', { via: rendezvous })
  middle.addService('test', { via: at(server.addresses, 0) })
  const sent = createHash('sha256')
  const serving = createServer({ stack: server }, async socket => {
    for (let i = 0; i < BYTES / CHUNK; i++) {
      const chunk = Buffer.alloc(CHUNK, i % 251)
      sent.update(chunk)
      if (!socket.write(chunk)) await once(socket, 'drain')
    }
    socket.end()
  }).listen('test/transfer')
  await once(serving, 'listening')
  while (!(client.isMet && server.isMet)) await wait(5)

  const got = createHash('sha256')
  let bytes = 0
  const paths: string[] = []
  const socket = connect({ service: 'test/transfer', stack: client })
  socket.on('path', ({ reason }) => paths.push(reason))
  let moved = 0
  for await (const piece of socket) {
    got.update(piece)
    bytes += piece.length
    if (moved === MOVES.length || bytes / BYTES < at(MOVES, moved)) continue
    moved++
    // Each end first gets its new address. Then both old ones disappear at the same moment, so no packet reaches either
    // end.
    const olds = [at(client.addresses, 0), at(server.addresses, 0)]
    await Promise.all([
      client.addAddress(`127.0.0.${11 + moved}`),
      server.addAddress(`127.0.0.${21 + moved}`),
    ])
    await Promise.all([client.removeAddress(at(olds, 0)), server.removeAddress(at(olds, 1))])
  }
  expect([bytes, got.digest('hex')]).toEqual([BYTES, sent.digest('hex')])
  expect(moved).toBe(MOVES.length)
  expect(paths.filter(reason => reason === 'peer moved').length).toBeGreaterThanOrEqual(MOVES.length)
  expect(middle.counters.relayed).toBeGreaterThanOrEqual(MOVES.length)
  // The router relayed the SYN, and no part of the transfer.
  expect(middle.counters.forwarded).toBe(1)
  expect(middle.counters.received).toBeLessThan(500)
  await Promise.all([client.close(), server.close(), middle.close()])
})
