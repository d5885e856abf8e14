import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { MIGRATION } from '../../../spec/machines/flow/states.ts'
import { parseAddress } from '../../link/address.ts'
import type { Datagram } from '../../link/link.ts'
import type { Dependence, NatOptions } from '../../link/nat.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { prefixOfId, serviceIdOf } from '../services/serviceId.ts'
import { ECHO, hear, listen, say } from '../testing/echo.ts'
import { Hosts, type Station } from '../testing/hosts.ts'

const RELAY = parseAddress('10.0.9.9')
const PLANE = serviceIdOf('test/plane')

/** A relay to which a client and a server behind translators are connected, and a flow between them that began there. */
function carried(clientNat: NatOptions = {}, serverNat: NatOptions = {}) {
  const hosts = new Hosts()
  const relay = hosts.addRelay(['10.0.9.9'])
  relay.host.listen(prefixOfId(PLANE), {
    transport: () => new DatagramTransport(),
    onReady: ready => void relay.host.accept(ready),
  })
  const client = hosts.addBehindNat([['192.168.1.2', '10.0.1.1']], clientNat)
  const server = hosts.addBehindNat([['192.168.2.2', '10.0.2.1']], serverNat)
  const lines = [client, server].map(station => {
    station.host.places.relay = RELAY
    return station.host.connect({ service: PLANE, transport: new DatagramTransport(), via: RELAY }, hosts.now)
  })
  hosts.run(200)
  const [atClient, atServer] = relay.host.flows().map(flow => flow.peer)
  relay.host.services.add(prefixOfId(ECHO), { kind: 'forward', address: must(atServer) }, 1, 1)
  const echo = listen(server as unknown as Station)
  const flow = client.host.connect(
    { service: ECHO, transport: new DatagramTransport(), via: RELAY },
    hosts.now,
  )
  hosts.run(300)
  const peer = must(echo.accepted[0])
  return {
    hosts,
    relay,
    client,
    server,
    lines,
    flow,
    peer,
    atClient: must(atClient),
    atServer: must(atServer),
  }
}

type Scene = ReturnType<typeof carried>

/** Sends something in both directions. */
function talks({ hosts, flow, peer }: Scene): void {
  say(flow, 'from the client')
  say(peer, 'from the server')
  hosts.run(hosts.now + 100)
  expect([hear(peer), hear(flow)]).toEqual(['from the client', 'from the server'])
}

/** Returns the path of both ends. */
const pathOf = ({ flow, peer }: Scene): string =>
  (flow.peer === RELAY) !== (peer.peer === RELAY) ? 'torn' : flow.peer === RELAY ? 'relayed' : 'direct'

const ALL: readonly Dependence[] = ['none', 'address', 'address and port']

describe('two hosts behind translators', () => {
  test('connect through a relay', () => {
    const scene = carried()
    talks(scene)
    expect(pathOf(scene)).toBe('relayed')
  })

  for (const one of ALL)
    for (const other of ALL)
      test(`with mappings that depend on ${one} and ${other}: a direct path only if both on none`, () => {
        for (const filtering of ALL)
          for (const otherFiltering of ALL) {
            const scene = carried({ mapping: one, filtering }, { mapping: other, filtering: otherFiltering })
            scene.hosts.run(20_000)
            talks(scene)
            expect(pathOf(scene)).toBe(one === 'none' && other === 'none' ? 'direct' : 'relayed')
            expect([scene.flow.migration, scene.peer.migration]).toEqual([
              MIGRATION.INITIAL,
              MIGRATION.INITIAL,
            ])
          }
      })

  test('go back to the relay when a translator forgets the direct path, and leave it again', () => {
    const scene = carried()
    const { hosts, server, flow, peer, relay } = scene
    hosts.run(2000)
    expect(pathOf(scene)).toBe('direct')
    const { carried: before } = relay.host.counters
    server.link.rebind()
    // The line to the relay announces itself too: the relay follows it.
    relay.host.services.remove(prefixOfId(ECHO), { kind: 'forward', address: scene.atServer })
    for (const { host } of [scene.client, server])
      for (const one of host.flows()) if (one.peer === RELAY) host.migrate(one, one.local, hosts.now)
    scene.client.host.migrate(flow, flow.local, hosts.now)
    hosts.run(hosts.now + 2000)
    talks(scene)
    expect(relay.host.counters.carried).toBeGreaterThan(before)
    hosts.run(hosts.now + 60_000)
    expect(pathOf(scene)).toBe('direct')
    expect(peer.isLive).toBe(true)
    talks(scene)
  })
})

describe('a relay', () => {
  test('forgets a flow without packets', () => {
    const { hosts, relay, client, flow } = carried({ mapping: 'address' })
    expect(must(relay.host.relay).size).toBe(1)
    client.host.abort(flow, hosts.now)
    hosts.run(3 * 7_200_000)
    expect(must(relay.host.relay).size).toBe(0)
  })

  test('carries nothing for hosts that are not connected to it: it forwards their SYNs like a router', () => {
    const { hosts, relay } = carried()
    const stranger = hosts.add(['10.0.3.1'])
    const before = { ...relay.host.counters }
    stranger.host.connect({ service: ECHO, transport: new DatagramTransport(), via: RELAY }, hosts.now)
    hosts.run(hosts.now + 100)
    expect(relay.host.counters).toMatchObject({ carried: before.carried, forwarded: before.forwarded + 1 })
  })

  test('does not follow an end to an address that is not connected, whatever flowIDs its packets have (invariant 84)', () => {
    const scene = carried({ mapping: 'address' })
    const { hosts, relay, flow, client } = scene
    const thief = hosts.add(['10.0.6.6'])
    const seen: Datagram[] = []
    hosts.pass = (datagram, from) => {
      if (from === client && datagram.to === RELAY) seen.push(datagram)
      return true
    }
    talks(scene)
    hosts.pass = () => true
    const { notCarried } = relay.host.counters
    for (const { bytes } of seen) thief.link.send([{ from: parseAddress('10.0.6.6'), to: RELAY, bytes }])
    hosts.run(hosts.now + 300)
    expect(relay.host.counters.notCarried).toBeGreaterThan(notCarried)
    const { received } = thief.host.counters
    talks(scene)
    expect([thief.host.counters.received, flow.peer]).toEqual([received, RELAY])
  })
})
