/** A client turns from instances that are silent or refuse to others, and one of two late answers gets the flow. */
import { expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { RST, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { parseAddress } from '../../link/address.ts'
import type { Address, Datagram } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { amongAll, amongRules } from '../services/route.ts'
import { servicePrefixOf } from '../services/serviceId.ts'
import { ECHO, kind, listen, notices } from '../testing/echo.ts'
import { Hosts, type Station } from '../testing/hosts.ts'
import type { Choose } from './seeker.ts'

const CLIENT = '10.0.0.1'
const PLACES = ['10.0.0.2', '10.0.0.3', '10.0.0.4'].map(text => parseAddress(text))
const [FIRST, SECOND] = PLACES as [Address, Address]
const PREFIX = servicePrefixOf('acme/echo')

/** A client, and hosts that may serve. `sent` lists what left, in order. */
function world(count = 2) {
  const hosts = new Hosts()
  const client = hosts.add([CLIENT])
  const others = Array.from({ length: count }, (_, i) => hosts.add([`10.0.0.${i + 2}`]))
  const sent: { readonly kind: number; readonly from: Address; readonly to: Address; readonly ms: number }[] =
    []
  hosts.pass = (datagram: Datagram) => {
    sent.push({ kind: kind(datagram), from: datagram.from, to: datagram.to, ms: hosts.now })
    return !others.some((other, i) => dead.has(i) && other.link.addresses().includes(datagram.from))
  }
  /** Indexes of hosts of which nothing leaves. */
  const dead = new Set<number>()
  const syns = () => sent.filter(one => one.kind === SYN).map(({ to, ms }) => ({ to, ms }))
  return { hosts, client, others, sent, dead, syns }
}

const connect = (client: Station, hosts: Hosts, choose: Choose) =>
  client.host.connect(
    {
      service: ECHO,
      transport: new DatagramTransport(),
      via: choose(0, []),
      seeking: { choose, attempt: 0 },
    },
    hosts.now,
  )

test('a client whose SYN gets no answer asks another instance within a second', () => {
  const { hosts, client, others, dead, syns } = world()
  others.forEach(other => void listen(other))
  dead.add(0)
  const flow = connect(client, hosts, amongAll([FIRST, SECOND]))
  hosts.run(1000)
  expect([flow.connection, flow.peer]).toEqual([CONNECTION.CONNECTED, SECOND])
  expect(syns().map(({ to }) => to)).toEqual([FIRST, SECOND])
  expect(client.host.doubts.has(FIRST, hosts.now)).toBe(true)
  expect(client.host.doubts.has(SECOND, hosts.now)).toBe(false)
})

test('of three instances, two of which are dead, the client finds the third within two seconds', () => {
  const { hosts, client, others, dead } = world(3)
  others.forEach(other => void listen(other))
  dead.add(0).add(1)
  const flow = connect(client, hosts, amongAll(PLACES))
  hosts.run(2000)
  expect(flow.connection).toBe(CONNECTION.CONNECTED)
})

test('a client whose SYN is refused asks the others at once, and no instance twice', () => {
  const { hosts, client, others, syns } = world(3)
  listen(at(others, 2))
  const flow = connect(client, hosts, amongAll(PLACES))
  hosts.run(100)
  expect([flow.connection, flow.peer]).toEqual([CONNECTION.CONNECTED, at(PLACES, 2)])
  expect(syns().map(({ to }) => to)).toEqual(PLACES)
})

test('the refusal of the last instance ends the connect', () => {
  const { hosts, client, syns } = world(3)
  const flow = connect(client, hosts, amongAll(PLACES))
  const seen = notices(flow)
  hosts.run(10_000)
  expect(seen).toEqual(['refused'])
  expect(syns().map(({ to }) => to)).toEqual(PLACES)
})

test('a refusal does not end a connect while a silent instance may answer', () => {
  const { hosts, client, others, dead } = world()
  listen(at(others, 0))
  dead.add(0)
  const flow = connect(client, hosts, amongAll([FIRST, SECOND]))
  hosts.run(1000)
  expect(flow.connection).toBe(CONNECTION.REQUEST)
  dead.clear()
  hosts.run(5000)
  expect([flow.connection, flow.peer]).toEqual([CONNECTION.CONNECTED, FIRST])
})

test('of two late answers the first gets the flow, and the other instance is reset', () => {
  const { hosts, client, others, sent } = world()
  const [slow, quick] = others.map(other => listen(other))
  const held: Datagram[] = []
  const pass = hosts.pass
  hosts.pass = (datagram, from) => {
    if (kind(datagram) !== SYNACK || datagram.from !== FIRST || held.length > 0) return pass(datagram, from)
    held.push({ ...datagram, bytes: datagram.bytes.slice() })
    return false
  }
  const flow = connect(client, hosts, amongAll([FIRST, SECOND]))
  hosts.run(1000)
  expect(flow.peer).toBe(SECOND)
  at(others, 0).link.send(held)
  hosts.run(1100)
  expect([...new Set(sent.filter(one => one.kind === RST).map(({ to }) => to))]).toEqual([FIRST])
  expect(others.map(({ host }) => host.flowCount)).toEqual([0, 1])
  expect([slow?.accepted.length, quick?.accepted.length]).toEqual([0, 1])
  expect([flow.connection, flow.peer]).toEqual([CONNECTION.CONNECTED, SECOND])
})

test('targets of rules are asked in turn, those of a lower priority last, and draining ones never', () => {
  const { client } = world()
  const { services } = client.host
  const target = (address: Address) => ({ kind: 'forward', address }) as const
  for (const address of PLACES) services.add(PREFIX, target(address), address === PLACES[2] ? 1 : 2, 1)
  services.add(PREFIX, target(parseAddress('10.0.0.9')), 9, 0)
  const choose = amongRules(services, ECHO, 0.1)
  expect([0, 1, 2, 3].map(attempt => choose(attempt, []))).toEqual([FIRST, SECOND, at(PLACES, 2), FIRST])
  expect([0, 1, 2].map(attempt => choose(attempt, [SECOND]))).toEqual([FIRST, at(PLACES, 2), at(PLACES, 2)])
  expect(choose(5, PLACES)).toBe(0)
})

test('the flows of one dead instance are spread over all others', () => {
  const { client } = world()
  const { services } = client.host
  const all = Array.from({ length: 8 }, (_, i) => parseAddress(`10.1.0.${i + 1}`))
  for (const address of all) services.add(PREFIX, { kind: 'forward', address }, 1, 1)
  const seconds = new Map<Address, number>()
  for (let i = 0; i < 700; i++) {
    const choose = amongRules(services, ECHO, (i + 0.5) / 5600)
    expect(choose(0, [])).toBe(all[0])
    const second = choose(1, [])
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
  }
  expect([...seconds.keys()].sort()).toEqual(all.slice(1))
  expect([...seconds.values()].every(count => count > 50 && count < 200)).toBe(true)
})

/** A router that knows two instances. */
function behindRouter() {
  const { hosts, client, others, sent, dead } = world()
  const router = hosts.addRouter(['10.0.0.8'])
  for (const address of [FIRST, SECOND]) router.host.services.add(PREFIX, { kind: 'forward', address }, 1, 1)
  const via = amongAll([parseAddress('10.0.0.8')])
  const led = () =>
    sent.filter(one => one.kind === SYN && one.to !== parseAddress('10.0.0.8')).map(({ to }) => to)
  return { hosts, client, others, dead, via, led }
}

test('a router leads the repeated SYN of a client to another instance', () => {
  const { hosts, client, others, dead, via } = behindRouter()
  others.forEach(other => void listen(other))
  dead.add(0)
  const flows = Array.from({ length: 8 }, () => connect(client, hosts, via))
  hosts.run(1000)
  expect(flows.map(({ peer }) => peer)).toEqual(flows.map(() => SECOND))
})

test('a router leads a SYN to no instance that has refused it, and refuses it when all have', () => {
  const { hosts, client, others, via, led } = behindRouter()
  const echo = listen(at(others, 1))
  const flows = Array.from({ length: 8 }, () => connect(client, hosts, via))
  hosts.run(400)
  expect(flows.map(({ peer }) => peer)).toEqual(flows.map(() => SECOND))
  const before = led().length
  at(others, 1).host.unlisten(echo.listener, hosts.now)
  const last = connect(client, hosts, via)
  const seen = notices(last)
  hosts.run(800)
  expect(seen).toEqual(['refused'])
  expect(led().slice(before).sort()).toEqual([FIRST, SECOND])
})
