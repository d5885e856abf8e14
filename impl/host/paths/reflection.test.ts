/** With SOURCE anybody can name anybody: a server never sends more bytes to a named address than arrived for it. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { RST, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { PROTOCOL_STREAM } from '../../../spec/wire/format.ts'
import { encodeHeader } from '../../../spec/wire/header.ts'
import { flagsOf } from '../../../spec/wire/kinds.ts'
import { encodeSegmentHeader, newSegment, type Segment, TCP_SYN } from '../../../spec/wire/segment.ts'
import { ipOf, parseAddress } from '../../link/address.ts'
import type { Datagram } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { Stream } from '../../transport/stream/stream.ts'
import type { Limits } from '../limits.ts'
import { sealTransport } from '../packets/packets.ts'
import { prefixOfId, servicePrefixOf } from '../services/serviceId.ts'
import { ECHO, kind } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'

const at = (text: string) => parseAddress(text)
const SENDER = at('10.0.0.66')
const SERVER = at('10.0.0.2')
const VICTIM = at('10.0.0.77')
/** IP and UDP. */
const LOWER_BYTES = 28

const FULL: Partial<Segment> = { mss: 1400, windowScale: 7, sackPermitted: 1, hasTimestamp: 1, tsval: 1 }

/** Returns a stream's SYN that names `origin` in SOURCE; each `number` gives another SYN. */
function claiming(origin: number, number: number, options = FULL, hops = 1, isCut = false): Datagram {
  const bytes = new Uint8Array(600)
  const path = Array.from({ length: hops }, (_, i) => ipOf(at('10.1.0.1')) + i)
  const start = encodeHeader(
    {
      ...{ srcFlow: number + 1, dstFlow: 0, protocol: PROTOCOL_STREAM, flags: flagsOf(SYN, 0) },
      ...{ verno: number, ackno: 0, nonceHigh: 7, nonceLow: number },
      ...{ service: ECHO, sourceService: undefined, sources: [ipOf(origin), ...path] },
    },
    bytes,
    0,
  )
  const segment = { ...newSegment(), flags: TCP_SYN, window: 1000, ...options }
  const end = isCut ? start : encodeSegmentHeader(segment, bytes, start)
  if (!isCut) sealTransport(PROTOCOL_STREAM, bytes, start, end, SENDER, SERVER)
  return { from: SENDER, to: SERVER, bytes: bytes.slice(0, end) }
}

function scene({ limits = {} as Partial<Limits>, listens = true, backlog = 1000 } = {}) {
  const hosts = new Hosts(1, 5)
  const server = hosts.add(['10.0.0.2'], limits)
  const stream = () => new Stream({ initialSequence: 1, mss: 1400 })
  const listener = listens
    ? server.host.listen(prefixOfId(ECHO), {
        ...{ backlog, queue: 4096, onReady: () => {} },
        transport: protocol => (protocol === PROTOCOL_STREAM ? stream() : new DatagramTransport()),
      })
    : undefined
  const sent: Datagram[] = []
  hosts.pass = (one, from) => {
    if (from === server) sent.push({ ...one, bytes: one.bytes.slice() })
    return true
  }
  const send = (one: Datagram) => server.host.receive([one], hosts.now)
  return { hosts, server, listener, sent, send, counters: server.host.counters }
}

const bytesOf = (packets: readonly Datagram[]) =>
  packets.reduce((sum, { bytes }) => sum + bytes.length + LOWER_BYTES, 0)

describe('a third host that SYNs name in SOURCE gets no more bytes than arrived for it', () => {
  test.for([
    ['while the listener keeps handshakes', 1000],
    ['while it answers statelessly', 2],
  ] as const)('%s', ([, backlog]) => {
    const { hosts, server, listener, sent, send, counters } = scene({ backlog })
    const syns = Array.from({ length: 50 }, (_, i) => claiming(VICTIM, i))
    for (const syn of syns) send(syn)
    // The listener closes while some handshakes are in progress.
    hosts.run(6000)
    expect(sent.map(one => [kind(one), one.to])).toEqual(syns.map(() => [SYNACK, VICTIM]))
    server.host.unlisten(must(listener), hosts.now)
    hosts.run(60_000)
    expect(sent.length).toBe(50)
    expect(bytesOf(sent)).toBeLessThanOrEqual(bytesOf(syns))
    expect(counters.answered).toBe(backlog === 2 ? 49 : 0)
  })

  test('whatever the SYN contains: its answer is never longer', () => {
    const options = fc.record({
      mss: fc.constantFrom(0, 1400),
      windowScale: fc.integer({ min: -1, max: 14 }),
      sackPermitted: fc.constantFrom(0, 1),
      hasTimestamp: fc.constantFrom(0, 1),
    })
    fc.assert(
      fc.property(
        options,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(2, 1000),
        (drawn, hops, backlog) => {
          const { hosts, sent, send } = scene({ backlog })
          const syns = [0, 1, 1].map(number => claiming(VICTIM, number, drawn, hops))
          for (const syn of syns) send(syn)
          hosts.run(60_000)
          expect(sent.length).toBe(3)
          expect(bytesOf(sent)).toBeLessThanOrEqual(bytesOf(syns))
        },
      ),
    )
  })

  test('nor when a SYN is repeated without its transport part', () => {
    const { hosts, sent, send, counters } = scene()
    send(claiming(VICTIM, 1))
    for (let i = 0; i < 10; i++) send(claiming(VICTIM, 1, FULL, 1, true))
    hosts.run(0)
    expect([sent.length, counters.outgrown]).toEqual([1, 10])
  })
})

describe('answers to addresses that only SOURCE names are limited', () => {
  const LIMITS = { claimedPerSecond: 50, claimedForOnePerSecond: 20 }

  test.for([
    ['SYN-ACKs', SYNACK, true],
    ['refusals', RST, false],
  ] as const)('for one, and in all: %s', ([, expected, listens]) => {
    const { hosts, sent, send, counters } = scene({
      limits: { ...LIMITS, strangersAtOnce: 1000 },
      listens,
    })
    for (let i = 0; i < 100; i++) send(claiming(VICTIM, i))
    hosts.run(0)
    expect([sent.length, counters.unreflected]).toEqual([20, 80])
    for (let i = 0; i < 200; i++) send(claiming(VICTIM + 65_536 * (1 + (i % 100)), 1000 + i))
    hosts.run(1)
    expect([sent.length, counters.unreflected]).toEqual([50, 250])
    expect(new Set(sent.map(kind))).toEqual(new Set([expected]))
    hosts.run(1000)
    send(claiming(VICTIM, 5000))
    hosts.run(1001)
    expect(sent.length).toBe(51)
  })

  test("but answers to a SYN's own sender are not", () => {
    const { hosts, server, send, counters } = scene({ limits: LIMITS })
    for (let i = 0; i < 100; i++) send(claiming(VICTIM, i))
    const client = hosts.add(['10.0.0.1'])
    const flows = Array.from({ length: 60 }, () =>
      client.host.connect({ service: ECHO, transport: new DatagramTransport(), via: SERVER }, hosts.now),
    )
    hosts.run(100)
    expect(flows.every(flow => flow.connection === CONNECTION.CONNECTED)).toBe(true)
    expect([counters.unreflected, server.host.flowCount]).toEqual([80, 80])
  })
})

test('a client behind a router whose SYN-ACK is lost connects with its next SYN', () => {
  const { hosts, server, sent, counters } = scene({ limits: { claimedForOnePerSecond: 1 } })
  const router = hosts.addRouter(['10.0.1.1'])
  router.host.services.add(servicePrefixOf('*'), { kind: 'forward', address: SERVER }, 1, 1)
  const client = hosts.add(['10.0.0.1:40000'])
  let lost = 0
  hosts.pass = (one, from) => {
    if (from === server) sent.push(one)
    return from !== server || kind(one) !== SYNACK || ++lost > 1
  }
  const flow = client.host.connect(
    { service: ECHO, transport: new DatagramTransport(), via: at('10.0.1.1') },
    hosts.now,
  )
  hosts.run(990)
  expect([flow.connection, sent.length]).toEqual([CONNECTION.REQUEST, 1])
  hosts.run(2000)
  expect([flow.connection, sent.filter(one => kind(one) === SYNACK).length]).toEqual([
    CONNECTION.CONNECTED,
    2,
  ])
  expect(counters.unreflected).toBe(0)
})
