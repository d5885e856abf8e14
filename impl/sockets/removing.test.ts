/** A removal waits at most 7 s for a flow that the peer has confirmed. In virtual time, over real hosts. */
import { expect, test } from 'vitest'
import { SYN } from '../../spec/machines/flow/packets.ts'
import { kind } from '../host/testing/echo.ts'
import { CLIENT_NEXT, Several } from '../host/testing/several.ts'
import { FlowKeeper } from './flowKeeper.ts'
import type { FlowSet } from './flowSet.ts'

/** The proof of the client's second flow is lost. */
function joined() {
  const several = new Several()
  several.hosts.pass = packet => packet.from !== CLIENT_NEXT || kind(packet) === SYN
  const flows = new Set([several.flow, several.join()])
  const timers = new Map<() => void, number>()
  const driver = {
    host: several.client.host,
    now: () => several.hosts.now,
    later: (ms: number, run: () => void) => {
      timers.set(run, several.hosts.now + ms)
      return () => void timers.delete(run)
    },
    kick: () => {},
  }
  const set = { flows, joining: [] } as unknown as FlowSet
  const keeper = new FlowKeeper({ driver, flow: several.flow, isOver: false, set }, undefined)
  /** Lets time pass, and then runs the timers that are due. */
  const run = (ms: number): void => {
    several.run(ms)
    for (const [due, at] of timers) if (at <= several.hosts.now) due()
  }
  return { several, keeper, run }
}

/** The client removes the first flow meanwhile. */
function removing() {
  const all = joined()
  const ended = all.keeper.remove(all.several.flow).then(
    () => 'removed',
    ({ code }) => code,
  )
  return { ...all, ended }
}

test('a flow stays when the peer confirms no other one in time: EBUSY', async () => {
  const { several, ended, run } = removing()
  run(6900)
  expect(several.ends[0].state.unwanted).toBe(1)
  run(200)
  expect(await ended).toBe('EBUSY')
  expect([several.flow.isLive, several.ends[0].state.unwanted]).toEqual([true, 0])
})

test('the promise resolves when the flow has ended', async () => {
  const { several, keeper, ended, run } = removing()
  run(1000)
  several.hosts.pass = () => true
  run(4000)
  expect(several.flow.isLive).toBe(false)
  keeper.heed([{ flow: several.flow, hasEnded: true, isSilent: false }])
  expect(await ended).toBe('removed')
})

test('a flow stays when its address is back before the peer confirms another flow', () => {
  const { several, keeper } = joined()
  const { host } = several.client
  const { addresses } = host
  const { state } = several.ends[0]
  host.setAddresses([CLIENT_NEXT])
  keeper.follow()
  expect(state.unwanted).toBe(1)
  host.setAddresses(addresses)
  keeper.follow()
  several.hosts.pass = () => true
  several.run(5000)
  expect([several.flow.isLive, state.unwanted]).toEqual([true, 0])
})
