/** Flows that a keeper adds when no flow of the connection gets through. In virtual time, over real hosts. */
import { expect, test } from 'vitest'
import { CLIENT, CLIENT_NEXT, SERVER, SERVER_NEXT, Several } from '../host/testing/several.ts'
import { FlowKeeper } from './flowKeeper.ts'
import { untriedFlows } from './flowPolicy.ts'
import type { FlowSet } from './flowSet.ts'

/** A connection of two flows, and a keeper of the client without a policy. */
function kept() {
  const several = new Several()
  const second = several.join()
  const flows = new Set([several.flow, second])
  several.server.host.connections.advertise(several.accepted, several.hosts.now)
  several.run()
  const driver = {
    host: several.client.host,
    now: () => several.hosts.now,
    later: () => () => {},
    kick: () => {},
  }
  const set = { flows, joining: [], expect: () => {} } as unknown as FlowSet
  const keeper = new FlowKeeper({ driver, flow: several.flow, isOver: false, set }, undefined)
  return { several, second, flows, keeper }
}

/** The ends of the flows that the server has now. */
const pairs = ({ owners, accepted }: Several) =>
  [accepted, ...owners.server.flows].filter(({ isLive }) => isLive).map(({ local, peer }) => [peer, local])

test('without a policy, an end adds no flow until none gets through, and then tries the other pairs', () => {
  const { several, keeper } = kept()
  keeper.heed()
  several.run()
  expect(pairs(several).length).toBe(2)
  keeper.rescue()
  several.run()
  expect(pairs(several).slice(2)).toEqual([
    [CLIENT, SERVER_NEXT],
    [CLIENT_NEXT, SERVER],
  ])
})

test('an end also tries the pair to which a flow moves: its peer may be elsewhere by then', () => {
  const { several, keeper } = kept()
  several.client.host.migrate(several.flow, CLIENT_NEXT, several.hosts.now)
  keeper.rescue()
  several.run()
  expect(pairs(several).slice(2)).toContainEqual([CLIENT_NEXT, SERVER])
})

test('an end adds flows when the one that is left has none of its addresses', () => {
  const { several, second, flows, keeper } = kept()
  const { host } = several.client
  host.connections.end(second, several.hosts.now)
  flows.delete(second)
  host.setAddresses([CLIENT_NEXT])
  keeper.heed()
  several.run()
  expect(pairs(several).slice(1)).toEqual([
    [CLIENT_NEXT, SERVER_NEXT],
    [CLIENT_NEXT, SERVER],
  ])
})

test('pairs that have a flow, join or have failed are not tried, and only three at once', () => {
  const locals = [CLIENT, CLIENT_NEXT]
  const remotes = [SERVER, SERVER_NEXT, SERVER_NEXT + 1]
  const none = { locals, remotes, flows: [], joining: [], hasFailed: () => false }
  expect(untriedFlows(none).length).toBe(3)
  const pair = { from: CLIENT, to: SERVER }
  const used = [
    { ...none, flows: [pair] },
    { ...none, joining: [pair] },
    { ...none, hasFailed: ({ from, to }: typeof pair) => from === pair.from && to === pair.to },
  ]
  for (const known of used) expect(untriedFlows(known)).not.toContainEqual(pair)
})
