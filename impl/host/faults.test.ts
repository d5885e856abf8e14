/** Unexpected errors of transports, callbacks and parts of a host end one packet or flow, and nothing else. */

import { expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { ACK, SYN } from '../../spec/machines/flow/packets.ts'
import { encodeDatagramHeader } from '../../spec/wire/datagram.ts'
import { encodeHeader } from '../../spec/wire/header.ts'
import { ipOf, parseAddress } from '../link/address.ts'
import { DatagramTransport } from '../transport/datagram.ts'
import { prefixOfId } from './services/serviceId.ts'
import { ECHO, hear, listen, say } from './testing/echo.ts'
import { Hosts } from './testing/hosts.ts'

const SERVER = parseAddress('10.0.0.2')

/** Two flows between two hosts, and the errors that the server reports. */
function busy() {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1'])
  const server = hosts.add(['10.0.0.2'])
  const echo = listen(server)
  const flows = [0, 1].map(() =>
    client.host.connect({ service: ECHO, transport: new DatagramTransport(), via: SERVER }, hosts.now),
  )
  hosts.run(100)
  const reported: unknown[] = []
  server.host.onFault = error => reported.push(error)
  return { hosts, client, server, echo, flows: flows as [(typeof flows)[0], (typeof flows)[0]], reported }
}

const fail = (): never => {
  throw new Error('injected')
}

/** Expects that the first flow is over at the server, and the second and later ones continue. */
function expectOneLost({ hosts, client, server, echo, flows, reported }: ReturnType<typeof busy>): void {
  expect(reported.map(String)).toContain('Error: injected')
  expect(server.host.counters.faults).toBe(reported.length)
  expect(server.host.flowCount).toBe(1)
  say(flows[1], 'still there?')
  hosts.run(hosts.now + 100)
  expect(hear(at(echo.accepted, 1))).toBe('still there?')
  const next = client.host.connect(
    { service: ECHO, transport: new DatagramTransport(), via: SERVER },
    hosts.now,
  )
  hosts.run(hosts.now + 100)
  say(next, 'and I')
  hosts.run(hosts.now + 100)
  expect(hear(at(echo.accepted, 2))).toBe('and I')
}

test.each(['receive', 'send'] as const)('a transport that throws in %s ends its flow', part => {
  const all = busy()
  const { hosts, echo, flows } = all
  const [first] = echo.accepted
  must(first).transport[part] = fail
  say(part === 'receive' ? flows[0] : must(first), 'hello')
  hosts.run(hosts.now + 100)
  expectOneLost(all)
})

test("an application gets the error of its own call, and the flow's other calls continue", () => {
  const { hosts, server, echo, flows, reported } = busy()
  const [first] = echo.accepted
  must(first).transport.finish = fail
  expect(() => server.host.finish(must(first), hosts.now)).toThrow('injected')
  say(flows[0], 'hello')
  hosts.run(hosts.now + 100)
  expect([hear(must(first)), reported]).toEqual(['hello', []])
})

test.each(['poll', 'flush'] as const)('an interrupted step is not blamed for the next error: %s', call => {
  const { hosts, server, echo } = busy()
  const [first, second] = echo.accepted
  server.host.observer = fail
  expect(() => server.host.migrate(must(first), SERVER, hosts.now)).toThrow('injected')
  server.host.observer = undefined
  if (call === 'poll') server.host.attach({ nextTimeout: () => Infinity, poll: fail })
  else {
    must(second).transport.send = fail
    say(must(second), 'hello')
  }
  server.host[call](hosts.now)
  expect(server.host.counters.faults).toBeGreaterThan(0)
  expect(server.host.flows()).toEqual(call === 'poll' ? [first, second] : [first])
})

test('a transport that throws at its timeout ends its flow', () => {
  const all = busy()
  const { hosts, server, echo } = all
  const transport = at(echo.accepted, 0).transport
  const due = hosts.now + 50
  transport.nextTimeout = () => due
  transport.expire = fail
  server.host.wake(at(echo.accepted, 0))
  hosts.run(hosts.now + 100)
  expectOneLost(all)
})

test('an owner that throws at each notice ends its flow, and is not called again', () => {
  const all = busy()
  const { hosts, client, echo, flows } = all
  at(echo.accepted, 0).user = { onNotice: fail }
  client.host.abort(flows[0], hosts.now)
  hosts.run(hosts.now + 100)
  expectOneLost(all)
})

test('a flow whose every step throws is forgotten, even though nothing can close it', () => {
  const all = busy()
  const { hosts, server, echo, flows } = all
  const [first] = echo.accepted
  server.host.observer = flow => flow === first && fail()
  say(flows[0], 'hello')
  hosts.run(hosts.now + 100)
  expect(server.host.counters.faults).toBeGreaterThan(1)
  expectOneLost(all)
})

test('a listener whose transport cannot answer drops the SYN, and keeps its backlog', () => {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1'])
  const server = hosts.add(['10.0.0.2'])
  let broken = true
  const newTransport = () => {
    const transport = new DatagramTransport()
    if (broken) transport.writeHandshake = fail
    return transport
  }
  const listener = server.host.listen(prefixOfId(ECHO), { transport: newTransport, onReady: () => {} })
  const flow = client.host.connect(
    { service: ECHO, transport: new DatagramTransport(), via: SERVER },
    hosts.now,
  )
  hosts.run(100)
  expect([server.host.counters.faults > 0, server.host.flowCount, listener.pending]).toEqual([true, 0, 0])
  broken = false
  hosts.run(20_000)
  expect(flow.isLive).toBe(true)
})

test.each([
  'newTransport',
  'SYN',
  'ACK',
] as const)('a handshake that ends with an error frees its place in the backlog: %s', where => {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1'])
  const server = hosts.add(['10.0.0.2'])
  const newTransport = () => {
    if (where === 'newTransport') fail()
    const transport = new DatagramTransport()
    const kind = where === 'SYN' ? SYN : ACK
    transport.readHandshake = read => (read === kind ? fail() : true)
    return transport
  }
  const listener = server.host.listen(prefixOfId(ECHO), { transport: newTransport, onReady: () => {} })
  for (let i = 0; i < 3; i++)
    client.host.connect({ service: ECHO, transport: new DatagramTransport(), via: SERVER }, hosts.now)
  hosts.run(500)
  expect(server.host.counters.faults).toBeGreaterThan(2)
  expect([server.host.flowCount, listener.pending]).toEqual([0, 0])
})

test('a part of the host that throws does not delay the others', () => {
  const { hosts, server, reported } = busy()
  let polls = 0
  server.host.attach({ nextTimeout: () => Infinity, poll: fail })
  server.host.attach({ nextTimeout: () => Infinity, poll: () => polls++ })
  server.host.poll(hosts.now)
  expect([polls, reported.map(String)]).toEqual([1, ['Error: injected']])
})

test('a reporter that throws changes nothing', () => {
  const { hosts, server, echo, flows } = busy()
  server.host.onFault = fail
  at(echo.accepted, 0).transport.receive = fail
  say(flows[0], 'hello')
  hosts.run(hosts.now + 100)
  expect([server.host.counters.faults, server.host.flowCount]).toEqual([1, 1])
})

test('a SYN whose SOURCE has no room for the SYN-ACK is dropped and counted', () => {
  const hosts = new Hosts()
  const server = hosts.add(['10.0.0.2'])
  listen(server)
  const from = parseAddress('10.0.0.9')
  const syn = (count: number) => {
    const bytes = new Uint8Array(512)
    const sources = Array.from({ length: count }, (_, i) => ipOf(from) + i)
    const control = { flags: 0x80, verno: 1, ackno: 0, nonceHigh: 1, nonceLow: count }
    const ids = { srcFlow: count, dstFlow: 0, protocol: 17, service: ECHO, sourceService: undefined }
    const start = encodeHeader({ ...control, ...ids, sources }, bytes, 0)
    return { from, to: SERVER, bytes: bytes.slice(0, encodeDatagramHeader(0, bytes, start)) }
  }
  server.host.receive([syn(62), syn(61)], hosts.now)
  const { hopsSpent, faults } = server.host.counters
  expect([hopsSpent, faults, server.host.flowCount]).toEqual([1, 0, 1])
})
