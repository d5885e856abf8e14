/** A path falls silent although its address stays: over UDP sockets of the system. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import type { PathChange } from './handleOwner.ts'
import { connect, createServer, Stack } from './index.ts'
import { connected } from './testing/cuttable.ts'

test('a connection with mobility failover moves to another address, and loses nothing', async () => {
  await using ends = await connected('failover')
  await ends.exchange()
  ends.cut(0)
  await ends.exchange()
  expect(ends.socket.localAddress).toBe('127.0.0.3')
})

describe('of several other addresses, one that answers is found before a dead one has failed', () => {
  const hosts = ['127.0.0.1', '127.0.0.3', '127.0.0.5']
  const dead = { limits: { moveTries: 3 } }

  test('when the path falls silent', async () => {
    await using ends = await connected('failover', dead, {}, hosts)
    const changes: PathChange[] = []
    ends.socket.on('path', change => changes.push(change))
    await ends.exchange()
    for (const i of [0, 1]) ends.cut(i)
    await ends.exchange()
    expect(changes).toMatchObject([{ local: ends.clientStack.addresses[2], reason: 'path silent' }])
  })

  test('when the address disappears', async () => {
    await using ends = await connected('leave', dead, {}, hosts)
    await ends.exchange()
    const last = ends.clientStack.addresses[2]
    for (const i of [0, 1]) ends.cut(i)
    const moved = once(ends.socket, 'path')
    await ends.remove(0)
    expect(await moved).toMatchObject([{ local: last, reason: 'address gone' }])
    await ends.exchange()
  })
})

describe('with mobility best', () => {
  test('a connection leaves a silent path, and returns when the path works and its wait is over', async () => {
    await using ends = await connected('best', { limits: { returnMs: 50 } })
    await ends.exchange()
    ends.cut(0)
    await ends.exchange()
    expect(ends.socket.localAddress).toBe('127.0.0.3')
    ends.heal(0)
    // Attempts to return fail as long as the path is cut.
    while (ends.socket.localAddress !== '127.0.0.1') await once(ends.socket, 'path')
    await ends.exchange()
  })

  test('a connection does not return to an address that has only just come back', async () => {
    const addresses = ['127.0.0.1:0', '127.0.0.3:0']
    await using client = await new Stack({ addresses, mobility: 'best', limits: { returnMs: 1e6 } }).opened()
    await using serving = await new Stack({ addresses: ['127.0.0.2:0'] }).opened()
    createServer({ stack: serving }, socket => socket.resume()).listen('test/service')
    const socket = connect({ service: 'test/service', via: at(serving.addresses, 0), stack: client })
    await once(socket, 'connect')
    const first = at(client.addresses, 0)
    const moved = once(socket, 'path')
    await client.removeAddress(first)
    await moved
    await client.addAddress(first)
    expect(client.addresses[0]).toBe(first)
    expect(socket.flows).toMatchObject([{ local: client.addresses[1], state: 'open' }])
    socket.destroy()
  })
})

test('one that may stay does not move, and reports that its path is stalled', async () => {
  await using ends = await connected('stay')
  const pathOf = () => at(ends.socket.flows, 0)
  await ends.exchange()
  expect(pathOf().state).toBe('open')
  ends.cut(0)
  const exchanged = ends.exchange()
  // Without failover only the old path brings it back.
  while ((ends.socket.statistics?.timeouts ?? 0) < 3) await new Promise(resolve => setTimeout(resolve, 50))
  expect(ends.socket.localAddress).toBe('127.0.0.1')
  const { state, silentMs = 0, roundTripMs } = pathOf()
  expect([state, silentMs > roundTripMs]).toEqual(['stalled', true])
  ends.heal(0)
  await exchanged
  expect(pathOf().state).toBe('open')
  expect(pathOf().silentMs).toBeLessThan(silentMs)
})
