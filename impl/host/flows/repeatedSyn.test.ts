import { expect, test } from 'vitest'
import { SYN } from '../../../spec/machines/flow/packets.ts'
import { frameOf } from '../../../spec/wire/testing/again.ts'
import { parseAddress } from '../../link/address.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { servicePrefixOf } from '../services/serviceId.ts'
import { ECHO, kind } from '../testing/echo.ts'
import { Hosts, type Station } from '../testing/hosts.ts'

const route = ({ host }: Station, to: string): void =>
  host.services.add(servicePrefixOf('*'), { kind: 'forward', address: parseAddress(to) }, 1, 1)

test('a router forwards a repeated SYN as before, and spreads flows by weight', () => {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1'])
  const router = hosts.addRouter(['10.0.1.1'])
  route(client, '10.0.1.1')
  for (const to of ['10.0.0.2', '10.0.0.3']) route(router, to)
  const wentTo = new Map<number, number[]>()
  hosts.pass = one => {
    const { srcFlow, sourceCount } = frameOf(one.bytes)
    // Packets that the router forwarded get lost, so that the client repeats them.
    if (kind(one) !== SYN || sourceCount === 0) return true
    wentTo.set(srcFlow, [...(wentTo.get(srcFlow) ?? []), one.to])
    return false
  }
  const FLOWS = 200
  for (let i = 0; i < FLOWS; i++)
    client.host.connect({ service: ECHO, transport: new DatagramTransport() }, hosts.now)
  hosts.run(4000)
  const ways = [...wentTo.values()]
  expect(ways.length).toBe(FLOWS)
  expect(Math.min(...ways.map(({ length }) => length))).toBeGreaterThan(1)
  for (const way of ways) expect(new Set(way).size).toBe(1)
  const first = ways.filter(([to]) => to === parseAddress('10.0.0.2')).length
  expect(Math.abs(first - FLOWS / 2)).toBeLessThan(FLOWS / 4)
})
