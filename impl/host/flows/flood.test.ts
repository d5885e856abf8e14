import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { ACK, RST, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { encodeHeader } from '../../../spec/wire/header.ts'
import { flagsOf } from '../../../spec/wire/kinds.ts'
import { SEGMENT_BYTES, TCP_SYN } from '../../../spec/wire/segment.ts'
import { frameOf } from '../../../spec/wire/testing/again.ts'
import { parseAddress } from '../../link/address.ts'
import type { Datagram } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { Stream } from '../../transport/stream/stream.ts'
import type { Limits } from '../limits.ts'
import { sealTransport } from '../packets/packets.ts'
import { prefixOfId } from '../services/serviceId.ts'
import { ECHO, hear, kind, say } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'
import { EPOCH_MS } from './answers.ts'
import type { Flow } from './flow.ts'

const SERVER = '10.0.0.2'

/** Returns a SYN from a client that never answers; each `number` is another client. */
function spoofed(number: number): Datagram {
  const from = parseAddress(`10.9.${(number >> 8) & 255}.${number & 255}`)
  const bytes = new Uint8Array(200)
  const start = encodeHeader(
    {
      ...{ srcFlow: number + 1, dstFlow: 0, protocol: 6, flags: flagsOf(SYN, 0), verno: number, ackno: 0 },
      ...{ nonceHigh: 7, nonceLow: number, service: ECHO, sourceService: undefined, sources: [] },
    },
    bytes,
    0,
  )
  const end = start + SEGMENT_BYTES
  bytes[start + 12] = (SEGMENT_BYTES / 4) << 4
  bytes[start + 13] = TCP_SYN
  sealTransport(6, bytes, start, end, from, parseAddress(SERVER))
  return { from, to: parseAddress(SERVER), bytes: bytes.subarray(0, end) }
}

/** A listener that accepts both transports, and clients. `flood` fills the listener with spoofed SYNs. */
function scene(limits: Partial<Limits> = {}, queue = 256, accepts = true) {
  const hosts = new Hosts(1, 5)
  const client = hosts.add(['10.0.0.1'])
  const server = hosts.add([SERVER], limits)
  const accepted: Flow[] = []
  const stream = (sequence: number) => new Stream({ initialSequence: sequence, mss: 1400 })
  const listener = server.host.listen(prefixOfId(ECHO), {
    backlog: 8,
    queue,
    transport: protocol => (protocol === 6 ? stream(1) : new DatagramTransport()),
    onReady: l => {
      if (accepts) accepted.push(must(server.host.accept(l)))
    },
  })
  const connect = (transport = new DatagramTransport() as DatagramTransport | Stream) =>
    client.host.connect({ service: ECHO, transport, via: parseAddress(SERVER) }, hosts.now)
  let syns = 0
  const flood = (count = 100) => {
    for (let i = 0; i < count; i++) server.host.receive([spoofed(syns++)], hosts.now)
  }
  /** Everything that the client's flows send from now on. */
  const recorded: Datagram[] = []
  const record = () => {
    hosts.pass = (one, from) => {
      if (from === client) recorded.push({ ...one, bytes: one.bytes.slice() })
      return true
    }
  }
  return { hosts, client, server, listener, accepted, stream, connect, flood, recorded, record }
}

describe('while a flood fills the listener', () => {
  test('clients connect, and messages go both ways', () => {
    const { hosts, server, listener, accepted, connect, flood } = scene()
    flood()
    const flow = connect()
    hosts.run(100)
    expect(listener.pending).toBe(4)
    expect([flow.connection, accepted.length]).toEqual([CONNECTION.CONNECTED, 1])
    say(flow, 'ping')
    say(must(accepted[0]), 'pong')
    hosts.run(200)
    expect([hear(must(accepted[0])), hear(flow)]).toEqual(['ping', 'pong'])
    expect([server.host.counters.confirmed, flow.state.owed]).toEqual([1, 0])
  })

  test('streams keep their options: MSS, window scale and SACK', () => {
    const { hosts, accepted, stream, connect, flood, server } = scene()
    flood()
    const flow = connect(stream(0xfffffff0))
    hosts.run(100)
    const [peer] = accepted
    const BYTES = 1_000_000
    const [up, down] = [flow.transport as Stream, must(peer).transport as Stream]
    const sent = Uint8Array.from({ length: BYTES }, (_, i) => (i * 7919) >> 3)
    const got = { up: [] as Buffer[], down: [] as Buffer[] }
    for (const end of [up, down]) end.write(sent)
    // One packet in twenty is lost; SACK reports what arrives after it.
    let count = 0
    let sacks = 0
    hosts.pass = one => {
      const { bytes, payload } = frameOf(one.bytes)
      if (one.from === parseAddress(SERVER) && must(bytes[payload + 12]) >> 4 > 7) sacks++
      return ++count % 20 !== 0
    }
    for (let t = 1; t < 200; t++) {
      hosts.run(100 + 100 * t)
      for (const [end, into] of [
        [down, got.up],
        [up, got.down],
      ] as const)
        for (let part = end.read(); part !== undefined; part = end.read()) into.push(part)
    }
    expect(server.host.counters.confirmed).toBe(1)
    expect(Buffer.concat(got.up).equals(sent)).toBe(true)
    expect(Buffer.concat(got.down).equals(sent)).toBe(true)
    expect(down.statistics.peerWindow).toBeGreaterThan(65_535)
    expect(sacks).toBeGreaterThan(0)
  })

  test('an unconfirmed handshake is kept for 7 s, and then frees its place', () => {
    const { hosts, listener, flood } = scene()
    flood()
    hosts.run(6900)
    expect(listener.pending).toBe(4)
    hosts.run(7100)
    expect(listener.pending).toBe(0)
  })

  test('repeated SYNs do not extend their handshakes', () => {
    const { hosts, server } = scene()
    server.host.receive([spoofed(1)], hosts.now)
    const [kept] = server.host.flows()
    for (let t = 0; t < 7000; t += 100) {
      hosts.run(t)
      expect([must(kept).connection, server.host.flowCount]).toEqual([CONNECTION.RESPOND, 1])
      server.host.receive([spoofed(1)], hosts.now)
    }
    hosts.run(7000)
    expect(must(kept).isClosed).toBe(true)
  })

  test('a full queue refuses SYNs until the application accepts flows', () => {
    const { hosts, server, listener, connect, flood } = scene({}, 3, false)
    flood(1)
    for (let i = 0; i < 3; i++) connect()
    hosts.run(100)
    expect([listener.pending, listener.state.ready, listener.ready.length]).toEqual([1, 2, 2])
    expect(server.host.counters.refused).toBe(1)
    server.host.accept(listener)
    connect()
    hosts.run(200)
    expect([listener.state.ready, listener.ready.length]).toEqual([2, 2])
  })
})

describe('a stateless answer', () => {
  test('can be confirmed only by its client: no guess creates a flow or gets an answer', () => {
    const { hosts, server, connect, flood, recorded, record, accepted } = scene()
    flood()
    record()
    connect()
    hosts.run(100)
    const ack = must(recorded.find(one => kind(one) === ACK))
    expect(accepted.length).toBe(1)
    // The host forgets the flow, so that only the hash is left.
    const other = scene()
    other.flood()
    const sent: Datagram[] = []
    other.hosts.pass = one => sent.push(one) > 0
    for (let at = 0; at < 12; at++) other.server.host.receive([{ ...ack, bytes: flipped(ack.bytes, at) }], 0)
    for (const from of ['10.0.0.9', '10.0.0.1:9'])
      other.server.host.receive([{ ...ack, from: parseAddress(from) }], 0)
    other.hosts.run(0)
    expect([other.server.host.flowCount, other.accepted.length]).toEqual([4, 0])
    expect(sent.filter(one => kind(one) !== SYNACK)).toEqual([])
    expect(server.host.counters.confirmed).toBe(1)
  })

  test('becomes one flow, and no second one when that has ended', () => {
    const { hosts, client, server, connect, flood, recorded, record, accepted } = scene()
    flood()
    record()
    const flow = connect()
    hosts.run(100)
    const [syn, ack] = [SYN, ACK].map(wanted => must(recorded.find(one => kind(one) === wanted)))
    const again = () => server.host.receive([copy(must(syn)), copy(must(ack)), copy(must(ack))], hosts.now)
    again()
    expect([accepted.length, server.host.flowCount]).toEqual([1, 5])
    client.host.abort(flow, hosts.now)
    hosts.run(200)
    expect(must(accepted[0]).isClosed).toBe(true)
    const answers: number[] = []
    hosts.pass = one => answers.push(kind(one)) > 0
    server.host.receive([copy(must(ack))], hosts.now)
    hosts.run(210)
    // The host knows that it issued the flowID, and reports that the flow has ended.
    expect([accepted.length, answers]).toEqual([1, [RST]])
  })

  test('expires after two epochs', () => {
    for (const [age, flows] of [
      [EPOCH_MS, 1],
      [2 * EPOCH_MS, 0],
    ] as const) {
      const { hosts, server, connect, flood, accepted } = scene()
      flood()
      const held: Datagram[] = []
      hosts.pass = one => {
        if (kind(one) === ACK) held.push({ ...one, bytes: one.bytes.slice() })
        return kind(one) === SYN || kind(one) === SYNACK
      }
      const flow = connect()
      hosts.run(100)
      expect(flow.connection).toBe(CONNECTION.CONNECTED)
      hosts.run(age)
      server.host.receive([copy(must(held[0]))], hosts.now)
      expect(accepted.length).toBe(flows)
    }
  })

  test('has a nonce of its own SYN, so a flood that hits a flowID in use learns nothing about that flow', () => {
    const { hosts, client, server, connect, flood, accepted } = scene()
    const only = server.host.flowIds.derived(1)
    server.host.flowIds.derived = () => only
    flood()
    const [first, second] = [connect(), connect()]
    hosts.run(100)
    expect([first.state.peerFlow, second.state.peerFlow, accepted.length]).toEqual([only, only, 1])
    expect(second.peerNonce).not.toEqual(first.peerNonce)
    expect(must(accepted[0]).nonce).toEqual(first.peerNonce)
    // It is in use from now on.
    const third = connect()
    hosts.run(200)
    expect([third.connection, server.host.counters.refused]).toEqual([CONNECTION.REQUEST, 1])
    // The server gets a question about an ended flow, and resets it with the nonce that it remembered.
    client.host.migrate(first, parseAddress('10.0.0.1'), hosts.now)
    server.host.abort(must(accepted[0]), hosts.now)
    server.host.flush(hosts.now)
    hosts.run(2000)
    expect(first.isClosed).toBe(true)
  })

  test('is refused while the memory of confirmed answers is full', () => {
    const { hosts, server, connect, flood, accepted } = scene({ confirmed: 2 })
    flood()
    const flows = [connect(), connect(), connect()]
    hosts.run(100)
    expect([accepted.length, server.host.counters.refused]).toEqual([2, 1])
    expect(flows.every(flow => flow.connection === CONNECTION.CONNECTED)).toBe(true)
    hosts.run(2 * EPOCH_MS)
    flood()
    connect()
    hosts.run(2 * EPOCH_MS + 100)
    expect(accepted.length).toBe(3)
  })

  test('causes no RST for data that overtakes its confirmation', () => {
    const { hosts, client, server, connect, flood, accepted } = scene()
    flood()
    let lost = 0
    hosts.pass = one => !(kind(one) === ACK && lost++ < 2)
    const flow = connect()
    hosts.run(20)
    say(flow, 'early')
    hosts.run(100)
    expect([accepted.length, flow.connection]).toEqual([0, CONNECTION.CONNECTED])
    hosts.run(3000)
    expect([accepted.length, flow.state.owed]).toEqual([1, 0])
    say(flow, 'late')
    hosts.run(3100)
    expect(hear(must(accepted[0]))).toBe('late')
    expect([client.host.flowCount, server.host.counters.confirmed]).toEqual([1, 1])
  })
})

const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
const copy = (one: Datagram): Datagram => ({ ...one, bytes: one.bytes.slice() })

const act = fc.oneof(
  fc.record({ type: fc.constant('flood' as const), count: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ type: fc.constant('connect' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ type: fc.constant('wait' as const), count: fc.integer({ min: 1, max: 4000 }) }),
  fc.record({ type: fc.constant('close' as const), count: fc.nat(3) }),
)

prop.prop([fc.array(act, { maxLength: 30 }), fc.array(fc.nat(5), { minLength: 1, maxLength: 40 })])(
  'under floods, losses and duplicates each client gets one flow, and the listener counts correctly',
  (acts, fates) => {
    const { hosts, client, server, listener, accepted, connect, flood } = scene()
    const flows: Flow[] = []
    const late: Datagram[] = []
    let packets = 0
    // 0 loses a packet between the clients and the server, 1 delivers a late copy as well.
    hosts.pass = one => {
      const fate = must(fates[packets++ % fates.length])
      if (fate === 1) late.push(copy(one))
      return fate !== 0
    }
    for (const { type, count } of acts) {
      if (type === 'flood') flood(count)
      else if (type === 'connect') for (let i = 0; i < count; i++) flows.push(connect())
      else if (type === 'wait') hosts.run(hosts.now + count)
      else if (flows[count] !== undefined) client.host.finish(flows[count], hosts.now)
      for (const one of late.splice(0))
        (one.to === parseAddress(SERVER) ? server : client).host.receive([one], hosts.now)
      expect(listener.pending).toBeLessThanOrEqual(4)
      const made = accepted.map(flow => flow.synKey)
      expect(new Set(made).size).toBe(made.length)
    }
    hosts.pass = () => true
    hosts.run(hosts.now + 60_000)
    const open = flows.filter(flow => flow.connection === CONNECTION.CONNECTED)
    for (const flow of open) expect(server.host.flowById(must(flow.state.peerFlow))?.isLive).toBe(true)
    expect([listener.pending, listener.state.ready]).toEqual([0, 0])
  },
)
