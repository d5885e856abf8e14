import { describe, expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { RST, SYN } from '../../spec/machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import { encodeDatagramHeader } from '../../spec/wire/datagram.ts'
import { encodeHeader } from '../../spec/wire/header.ts'
import { frameOf } from '../../spec/wire/testing/again.ts'
import { parseAddress } from '../link/address.ts'
import type { Datagram } from '../link/link.ts'
import { DatagramTransport } from '../transport/datagram.ts'
import { serviceIdOf } from './services/serviceId.ts'
import { ECHO, hear, kind, listen, notices, say } from './testing/echo.ts'
import { Hosts, type Station } from './testing/hosts.ts'

const CLIENT = parseAddress('10.0.0.1')
const SERVER = parseAddress('10.0.0.2')

const connect = (station: Station, hosts: Hosts) =>
  station.host.connect({ service: ECHO, transport: new DatagramTransport(), via: SERVER }, hosts.now)

const pair = (seed = 1) => {
  const hosts = new Hosts(seed)
  const client = hosts.add(['10.0.0.1', '10.0.1.1'])
  const server = hosts.add(['10.0.0.2', '10.0.1.2'])
  return { hosts, client, server, echo: listen(server) }
}

/** A pair of hosts with a flow between them. */
const connected = (seed = 1) => {
  const both = pair(seed)
  const flow = connect(both.client, both.hosts)
  both.hosts.run(100)
  return { ...both, flow, peer: at(both.echo.accepted, 0) }
}

describe('a flow', () => {
  test('finds its service, and carries messages both ways', () => {
    const { hosts, flow, peer } = connected()
    expect([flow.connection, peer.connection]).toEqual([CONNECTION.CONNECTED, CONNECTION.CONNECTED])
    say(flow, 'hello')
    hosts.run(200)
    expect(hear(peer)).toBe('hello')
    say(peer, 'hello yourself')
    hosts.run(300)
    expect(hear(flow)).toBe('hello yourself')
  })

  test('moves at either end, and data does not wait for it', () => {
    const { hosts, client, server, flow, peer } = connected()
    const [seen, seenByPeer] = [notices(flow), notices(peer)]
    client.host.migrate(flow, at(client.host.addresses, 1), hosts.now)
    say(flow, 'from home')
    hosts.run(110)
    expect(hear(peer)).toBe('from home')
    // One round trip.
    hosts.run(120)
    say(flow, 'from elsewhere')
    hosts.run(130)
    expect(hear(peer)).toBe('from elsewhere')
    server.host.migrate(peer, at(server.host.addresses, 1), hosts.now)
    hosts.run(300)
    expect([seen, seenByPeer]).toEqual([
      ['moved', 'peer moved'],
      ['peer moved', 'moved'],
    ])
    expect([flow.local, flow.peer]).toEqual(['10.0.1.1', '10.0.1.2'].map(a => parseAddress(a)))
    expect([peer.local, peer.peer]).toEqual([flow.peer, flow.local])
    expect([flow.migration, flow.state.owed, peer.state.owed]).toEqual([MIGRATION.INITIAL, 0, 0])
  })

  test('can be closed by either end, and leaves nothing behind', () => {
    const { hosts, client, server, echo, flow, peer } = connected()
    const seen = notices(flow)
    client.host.finish(flow, hosts.now)
    hosts.run(1000)
    expect(peer.connection).toBe(CONNECTION.CLOSEWAIT)
    server.host.finish(peer, hosts.now)
    hosts.run(2000)
    expect([flow.connection, peer.connection]).toEqual([CONNECTION.TIMEWAIT, CONNECTION.CLOSED])
    hosts.run(100_000)
    expect(seen).toEqual(['peer closed', 'closed'])
    for (const { host } of [client, server])
      expect([host.flowCount, host.timers.size, host.bufferedBytes]).toEqual([0, 0, 0])
    expect([server.host.bySyn.size, echo.listener.flows, echo.listener.pending]).toEqual([0, 0, 0])
  })

  test('is reset by an abort, and refused without a listener', () => {
    const { hosts, client, flow, peer, server } = connected()
    const seen = notices(peer)
    client.host.abort(flow, hosts.now)
    hosts.run(200)
    expect(seen).toEqual(['reset'])
    const other = client.host.connect(
      { service: serviceIdOf('acme/other'), transport: new DatagramTransport(), via: SERVER },
      hosts.now,
    )
    const refusal = notices(other)
    hosts.run(300)
    expect(refusal).toEqual(['refused'])
    expect(server.host.counters.unserved).toBe(1)
  })
})

describe('loss', () => {
  test('of the first SYN, SYN-ACK and ACK is repaired', () => {
    for (const lost of [1, 2, 3]) {
      const { hosts, client, echo } = pair()
      let count = 0
      hosts.pass = () => ++count !== lost
      const flow = connect(client, hosts)
      hosts.run(10_000)
      expect([flow.connection, echo.accepted.length], `packet ${lost}`).toEqual([CONNECTION.CONNECTED, 1])
      expect(flow.state.owed).toBe(0)
    }
  })

  test('of everything ends the attempt in time', () => {
    const { hosts, client } = pair()
    hosts.pass = () => false
    const flow = connect(client, hosts)
    const seen = notices(flow)
    hosts.run(3_600_000)
    expect(seen).toEqual(['timed out'])
    expect([client.host.flowCount, client.host.timers.size]).toEqual([0, 0])
  })

  test("of a move's packets leaves the flow at its old address", () => {
    const { hosts, client, flow, peer } = connected()
    const away = at(client.host.addresses, 1)
    hosts.pass = ({ from, to }) => from !== away && to !== away
    const seen = notices(flow)
    client.host.migrate(flow, away, hosts.now)
    hosts.run(3_600_000)
    // It has moved back to where it is.
    expect(seen).toEqual(['move failed', 'moved'])
    say(flow, 'still here')
    hosts.run(3_700_000)
    expect(hear(peer)).toBe('still here')
  })
})

test('a move after a long outage is not delayed by earlier timeouts', () => {
  const { hosts, client, flow } = connected()
  const [home, away] = client.host.addresses as [number, number]
  hosts.pass = () => false
  client.host.migrate(flow, away, hosts.now)
  hosts.run(400_000)
  expect(flow.retransmission.timeoutMs).toBe(120_000)
  // The network recovers, except for one more packet.
  let lost = 0
  hosts.pass = () => lost++ > 0
  const seen = notices(flow)
  client.host.migrate(flow, home, hosts.now)
  hosts.run(401_100)
  expect(seen).toEqual(['moved'])
})

describe('a listener', () => {
  test('creates one flow for a SYN that arrives again and again', () => {
    const { hosts, client, server, echo } = pair()
    const syns: Datagram[] = []
    hosts.pass = d => {
      if (kind(d) === SYN) syns.push({ ...d, bytes: d.bytes.slice() })
      return true
    }
    connect(client, hosts)
    hosts.run(5)
    for (let i = 0; i < 5; i++) server.host.receive(syns, hosts.now)
    hosts.run(1000)
    expect([echo.accepted.length, server.host.flowCount]).toEqual([1, 1])
  })

  test('keeps few SYNs of a flood, and those for seconds', () => {
    const hosts = new Hosts()
    const client = hosts.add(['10.0.0.1'])
    const server = hosts.add(['10.0.0.2'])
    const echo = listen(server, 8)
    hosts.pass = d => kind(d) === SYN
    for (let i = 0; i < 100; i++) connect(client, hosts)
    hosts.run(50)
    expect([echo.listener.pending, server.host.flowCount]).toEqual([4, 4])
    expect([server.host.counters.answered, server.host.counters.refused]).toEqual([96, 0])
    for (const flow of client.host.flows()) client.host.abort(flow, hosts.now)
    hosts.run(8000)
    expect([echo.listener.pending, server.host.flowCount]).toEqual([0, 0])
  })

  test('that closes resets the flows that nobody has accepted', () => {
    const { hosts, client, server, echo } = pair()
    const flow = connect(client, hosts)
    hosts.pass = d => kind(d) === SYN || kind(d) === RST
    hosts.run(50)
    const seen = notices(flow)
    server.host.unlisten(echo.listener, hosts.now)
    // The client, which has had no answer yet, accepts the refusal of its next SYN.
    hosts.run(5000)
    expect([seen, server.host.flowCount, server.host.services.size]).toEqual([['refused'], 0, 0])
  })
})

const NOBODY = {
  ...{ srcFlow: 7, protocol: 17, verno: 1, ackno: 1, nonceHigh: 0, nonceLow: 1 },
  ...{ service: undefined, sourceService: undefined, sources: [] },
}

describe('strangers', () => {
  test('learn that a flow has ended, from the host that can prove that it had it', () => {
    const { hosts, server, flow, peer } = connected()
    // A RST for data has version 0. If that is behind the expected version, the client asks, and accepts the answer.
    const isBehind = must(flow.state.rcvNxt) <= 2 ** 31
    server.host.forget(peer)
    const seen = notices(flow)
    say(flow, 'anybody there?')
    hosts.run(200)
    expect(seen).toEqual(['reset'])
    expect(server.host.counters.strangers).toBe(isBehind ? 2 : 1)
  })

  test('learn no nonce of a later flow for a flowID that the host has not issued', () => {
    const { hosts, server } = connected()
    const { received } = server.host.counters
    const ids = [0, ...Array.from({ length: 100 }, (_, i) => Math.imul(i, 0x9e37_79b1) >>> 0)]
    for (const dstFlow of ids)
      for (const flags of [0, 0x20, 0x40, 0x60, 0x04, 0xa0]) {
        const bytes = new Uint8Array(64)
        const end = encodeHeader({ ...NOBODY, dstFlow, flags }, bytes, 0)
        server.host.receive([{ from: CLIENT, to: SERVER, bytes: bytes.subarray(0, end) }], hosts.now)
      }
    // Answers carry reset tokens, which follow from both flowIDs; the rate limit bounds them.
    const told = server.host.flush(hosts.now).map(({ bytes }) => frameOf(bytes))
    expect(told.length).toBeGreaterThan(0)
    expect(told.length).toBeLessThanOrEqual(server.host.limits.strangersAtOnce)
    expect(server.host.counters.strangers).toBe(server.host.counters.received - received)
    for (const { srcFlow, nonceHigh: high, nonceLow: low } of told)
      for (const generation of [0, 1, 2])
        expect({ high, low }).not.toEqual(server.host.nonceOf(srcFlow, generation))
  })

  test('get no answer that is longer than their packet', () => {
    const { hosts, server, flow, peer } = connected()
    server.host.forget(peer)
    const bytes = new Uint8Array(64)
    const data = { ...NOBODY, srcFlow: flow.id, dstFlow: peer.id, flags: 0 }
    const start = encodeHeader(data, bytes, 0)
    const answers = (length: number) => {
      const end = encodeDatagramHeader(length, bytes, start) + length
      server.host.receive([{ from: CLIENT, to: SERVER, bytes: bytes.slice(0, end) }], hosts.now)
      return server.host.flush(hosts.now).map(datagram => datagram.bytes.length)
    }
    expect([answers(11), answers(12)]).toEqual([[], [32]])
    expect(server.host.counters.outgrown).toBe(1)
  })

  test('whose SYN-ACK belongs to no flow are refused at a limited rate', () => {
    const { hosts, client, flow } = connected()
    const bytes = new Uint8Array(64)
    const synack = { ...NOBODY, dstFlow: flow.id, flags: 0xa0 }
    const end = encodeDatagramHeader(0, bytes, encodeHeader(synack, bytes, 0))
    const flood = Array.from({ length: 1000 }, () => ({
      from: SERVER,
      to: CLIENT,
      bytes: bytes.slice(0, end),
    }))
    client.host.receive(flood, hosts.now)
    const { length } = client.host.flush(hosts.now)
    expect(length).toBeGreaterThan(30)
    expect(length).toBeLessThanOrEqual(client.host.limits.strangersAtOnce)
  })

  test('get a limited number of answers per second, and a RST gets none', () => {
    const { hosts, client, server, flow } = connected()
    const rsts: Datagram[] = []
    hosts.pass = d => {
      if (kind(d) === RST) rsts.push(d)
      return true
    }
    client.host.abort(flow, hosts.now)
    hosts.run(hosts.now)
    for (let i = 0; i < 10; i++) server.host.receive(rsts, hosts.now)
    expect(server.host.flush(hosts.now)).toEqual([])
    expect(server.host.counters.strangers).toBe(9)
  })
})

test('the same seed gives the same packets, to the byte', () => {
  const run = (seed: number) => {
    const bytes: string[] = []
    const { hosts, client } = pair(seed)
    hosts.pass = d => bytes.push(Buffer.from(d.bytes).toString('hex')) > 0
    const flow = connect(client, hosts)
    hosts.run(100)
    client.host.migrate(flow, at(client.host.addresses, 1), hosts.now)
    hosts.run(200)
    client.host.finish(flow, hosts.now)
    hosts.run(1000)
    return bytes
  }
  expect(run(7)).toEqual(run(7))
  expect(run(7)).not.toEqual(run(8))
  expect(run(7).length).toBeGreaterThan(8)
})
