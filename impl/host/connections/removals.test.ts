/** A flow of a connection is removed only for another one that both ends have (invariant 35). */
import { expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { ACK, SYN } from '../../../spec/machines/flow/packets.ts'
import type { Datagram } from '../../link/link.ts'
import type { Flow } from '../flows/flow.ts'
import { hear, kind, say } from '../testing/echo.ts'
import { CLIENT, CLIENT_NEXT, SERVER, SERVER_NEXT, Several } from '../testing/several.ts'

/** A second flow joins while `isLost` loses packets, and the client then removes the first one. */
function removing(isLost: (packet: Datagram) => boolean): { several: Several; second: Flow } {
  const several = new Several()
  several.hosts.pass = packet => !isLost(packet)
  const second = several.join()
  several.client.host.connections.remove(several.flow, several.hosts.now)
  several.run(2000)
  return { several, second }
}

const losesProof = (packet: Datagram): boolean => packet.from === CLIENT_NEXT && kind(packet) !== SYN
const losesAnswer = (packet: Datagram): boolean => packet.from === SERVER_NEXT && kind(packet) === ACK

test.each([
  ['the proof of the other one', losesProof],
  ['its answer', losesAnswer],
])('the opener removes a flow once the peer has confirmed another one: %s is lost for a while', (_, isLost) => {
  const { several, second } = removing(isLost)
  expect([several.flow.isLive, second.isLive]).toEqual([true, true])
  several.hosts.pass = () => true
  several.run(5000)
  expect([several.flow.isLive, second.isLive]).toEqual([false, true])
  expect(several.owners.server.flows.map(({ isLive }) => isLive)).toEqual([true])
})

test('the connection keeps the removed flow when the peer never gets the other one', () => {
  const { several, second } = removing(losesProof)
  several.run(60_000)
  expect([several.flow.isLive, several.accepted.isLive]).toEqual([true, true])
  several.hosts.pass = () => true
  // The peer has given the second flow up.
  several.run(120_000)
  expect([several.flow.isLive, second.isLive]).toEqual([true, false])
  expect([several.owners.client.over, several.owners.server.over]).toEqual([[], []])
  say(several.flow, 'still here')
  several.run()
  expect(hear(several.accepted)).toBe('still here')
})

test.each(['client', 'server'] as const)('the %s keeps a flow whose removal takes too long', end => {
  const several = new Several()
  const [from, to] = end === 'client' ? [CLIENT_NEXT, SERVER_NEXT] : [SERVER_NEXT, CLIENT_NEXT]
  const first = end === 'client' ? several.flow : several.accepted
  const { connections } = several[end].host
  // The proof is lost.
  several.hosts.pass = packet => packet.from !== from || kind(packet) === SYN
  connections.join(first, { from, to }, several.hosts.now)
  several.run()
  connections.remove(first, several.hosts.now)
  several.run(7000)
  const own = end === 'client' ? 0 : 1
  expect([at(several.ends, own).state.unwanted, at(several.ends, 1 - own).state.wished]).toEqual([1, own])
  connections.keep([first], several.hosts.now)
  several.hosts.pass = () => true
  several.run(10_000)
  expect([several.flow.isLive, several.accepted.isLive]).toEqual([true, true])
  expect(several.ends.map(({ state }) => [state.unwanted, state.wished])).toEqual([
    [0, 0],
    [0, 0],
  ])
})

test('a flow joins although its SYN names a flow that the peer has just removed', () => {
  const several = new Several()
  several.join()
  several.client.host.connections.remove(several.flow, several.hosts.now)
  const { connections } = several.server.host
  const third = connections.join(several.accepted, { from: SERVER_NEXT, to: CLIENT_NEXT }, several.hosts.now)
  several.run()
  expect([several.accepted.isLive, third.isLive]).toEqual([false, true])
  expect(several.owners.client.flows.length).toBe(2)
})

test('a flow that ends at the ACK that confirms it frees its place once: each later flow has a place of its own', () => {
  const several = new Several()
  several.join()
  const [{ host: client }, { host: server }] = [several.client, several.server]
  server.connections.advertise(several.accepted, several.hosts.now)
  several.run()
  // The server takes the address away while a flow joins there, and has it again before the SYN arrives.
  several.hosts.pass = packet => kind(packet) !== SYN
  const joining = client.connections.join(several.flow, { from: CLIENT, to: SERVER_NEXT }, several.hosts.now)
  server.setAddresses([SERVER])
  server.connections.advertise(several.accepted, several.hosts.now)
  several.run()
  server.setAddresses([SERVER, SERVER_NEXT])
  several.hosts.pass = () => true
  several.run(5000)
  expect(joining.isLive).toBe(false)
  const later = [1, 2].map(() =>
    client.connections.join(several.flow, { from: CLIENT, to: SERVER_NEXT }, several.hosts.now),
  )
  expect(later.map(({ id }) => client.flowById(id))).toEqual(later)
})

test('a SYN may name a removed flow whose flowID has its highest bit set', () => {
  const several = new Several()
  const { connections } = several.client.host
  several.join()
  let removed = several.join()
  while (removed.id < 2 ** 31) {
    connections.remove(removed, several.hosts.now)
    several.run()
    removed = several.join()
  }
  connections.remove(removed, several.hosts.now)
  // The reader of frames passes flowIDs on as signed numbers.
  expect(connections.former(removed.id | 0)).toBe(several.ends[0])
})

test('the opener echoes an advertisement by the flow that it asks to remove: the path of the other may be dead', () => {
  const several = new Several()
  several.join()
  const [, accepter] = several.ends
  several.hosts.pass = packet => packet.from !== CLIENT_NEXT
  several.server.host.connections.remove(several.accepted, several.hosts.now)
  several.run(500)
  expect([several.accepted.isLive, accepter.state.owed]).toEqual([false, 0])
})
