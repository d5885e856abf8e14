/** Floods of IPv6 addresses evict no address that is still needed here. */

import { expect, test } from 'vitest'
import { SLOW } from '../../../checker/testing/limits.ts'
import { at } from '../../../checker/text/at.ts'
import { parseAddress, printAddress } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { floodHosts } from '../../link/testing/fixtures.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { Host } from '../host.ts'
import { seededRandom } from '../random/random.ts'
import { prefixOfId } from '../services/serviceId.ts'
import { ServiceTable } from '../services/serviceTable.ts'
import { ECHO, hear, listen, say } from '../testing/echo.ts'

/** Hosts without links, because links hold their own addresses. */
function pair() {
  const host = (seed: number, addresses: readonly string[]): Host => {
    const made = new Host({ random: seededRandom(seed), packetBytes: 1400, forwards: true })
    made.setAddresses(addresses.map(text => parseAddress(text)))
    return made
  }
  const client = host(1, ['fd00::1'])
  const server = host(2, ['fd00::2'])
  let now = 0
  /** Carries packets back and forth until both are silent. */
  const settle = (): void => {
    for (const [from, to] of [
      [client, server],
      [server, client],
      [client, server],
      [server, client],
    ] as const)
      to.receive([...from.flush(++now)], now)
  }
  const echo = listen({ host: server, link: undefined as never })
  const flow = client.connect(
    { service: ECHO, transport: new DatagramTransport(), via: at(server.addresses, 0) },
    now,
  )
  settle()
  return { client, server, flow, peer: at(echo.accepted, 0), settle, now: () => now }
}

const isForgotten = (address: Address): boolean => printAddress(address).startsWith('[forgotten]')

/** What holds addresses in the table. Each flood takes a second, so all share them. */
test(
  'a flow, a rule and a waiting packet keep their addresses through floods, and release them',
  SLOW,
  () => {
    const { client, flow, peer, settle, now } = pair()
    const before = flow.local
    const table = new ServiceTable()
    const ruled = parseAddress('2001:db8::7')
    const target = { kind: 'forward', address: ruled } as const
    table.add(prefixOfId(ECHO), target, 1, 1)
    const { service, server, sender } = waitingPacket()
    floodHosts()

    say(flow, 'still here')
    settle()
    expect([hear(peer), peer.peer === before, isForgotten(before)]).toEqual(['still here', true, false])
    expect(isForgotten(ruled)).toBe(false)
    server.services.remove(prefixOfId(service), { kind: 'delay' })
    server.listen(prefixOfId(service), { transport: () => new DatagramTransport(), onReady: () => {} })
    server.delays.answered(service, now())
    expect(server.flush(now()).map(({ to }) => printAddress(to))).toEqual([sender])

    const after = parseAddress('fd00::3')
    client.setAddresses([before, after])
    client.migrate(flow, after, now())
    table.remove(prefixOfId(ECHO), target)
    floodHosts()
    settle()
    expect([peer.peer === after, isForgotten(after), isForgotten(ruled)]).toEqual([true, false, true])

    client.abort(flow, now())
    settle()
    floodHosts()
    expect([isForgotten(before), isForgotten(after)]).toEqual([true, true])
  },
)

/** A server with a packet that waits for its service, and the address of its sender, which nothing else holds. */
function waitingPacket() {
  const { client, server, flow, settle, now } = pair()
  client.abort(flow, now())
  settle()
  const service = ECHO.map(byte => byte ^ 1)
  const from = parseAddress('fd00::9')
  client.setAddresses([from])
  server.services.add(prefixOfId(service), { kind: 'delay' }, 1, 1)
  const via = at(server.addresses, 0)
  const waiting = client.connect({ service, transport: new DatagramTransport(), via, from }, now())
  server.receive([...client.flush(now())], now())
  expect(server.delays.size).toBe(1)
  // The client's flow holds the address in the same table.
  client.abort(waiting, now())
  return { service, server, sender: '[fd00::9]:54325' }
}
