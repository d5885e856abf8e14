/** A path falls silent although its address stays: over UDP sockets of the system. */
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { connected } from './testing/cuttable.ts'

test('a connection with mobility failover moves to another address, and loses nothing', async () => {
  await using ends = await connected('failover')
  await ends.exchange()
  ends.cut(0)
  await ends.exchange()
  expect(ends.socket.localAddress).toBe('127.0.0.3')
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
