/** One stream over several flows: when it begins, what leaves in which flow, how it ends. */
import { describe, expect, test } from 'vitest'
import { must } from '../../../../checker/text/at.ts'
import { DATA_BYTES, HAS_DATA_ACK, HAS_DATA_END, HAS_DATA_SEQ } from '../../../../spec/wire/options.ts'
import {
  decodeSegment,
  newSegment,
  SEGMENT_BYTES,
  type Segment,
  TCP_FIN,
} from '../../../../spec/wire/segment.ts'
import { BASE_MSS, DEFAULT_MSS } from '../limits.ts'
import type { Stream } from '../stream.ts'
import { bytesAt, Reader, Writer } from '../testing/transfer.ts'
import { type Flow, Net } from './testing/net.ts'
import { transfer } from './testing/transfers.ts'

const FAST = { latencyMs: 5, rate: 50e6, queueBytes: 100_000 }
const SLOW = { latencyMs: 20, rate: 50e6, queueBytes: 300_000 }
const CLOSE = { ...FAST, latencyMs: 8 }
const RTT_MS = 10

interface Seen {
  readonly flow: number
  readonly isClient: boolean
  readonly segment: Segment
}

/** Every packet of `net` from now on, decoded. */
function watch(net: Net): Seen[] {
  const seen: Seen[] = []
  net.onPacket = (flow, isClient, bytes) => {
    const segment = newSegment()
    if (decodeSegment(bytes, 0, bytes.length, segment) !== 0)
      throw new Error('the stream sent an unreadable segment')
    seen.push({ flow, isClient, segment })
  }
  return seen
}

/** A connection of two flows whose handshakes are over. */
function joined(net: Net): { client: Stream; server: Stream; first: Flow; second: Flow } {
  const { client, server, flow } = net.connect(net.way(FAST))
  net.run(100)
  const second = net.join(client, server, net.way(SLOW))
  net.run(300)
  return { client, server, first: flow, second }
}

describe('before a second flow is open', () => {
  test('no segment has a DATA option, even while one joins', () => {
    const net = new Net()
    const seen = watch(net)
    const { client, server } = net.connect(net.way(FAST))
    new Reader(server)
    client.write(bytesAt(0, 50_000))
    net.run(100)
    const flow = net.join(client, server, net.way({ latencyMs: 1e5 }))
    client.write(bytesAt(50_000, 50_000))
    net.run(1000)
    expect(flow.isOpen).toBe(false)
    expect(seen.length).toBeGreaterThan(50)
    expect(seen.filter(({ segment }) => segment.data !== 0)).toEqual([])
    expect(server.statistics.bytesReceived).toBe(100_000)
  })

  test('one end that knows of it suffices: the other follows with its first DATA option', () => {
    const net = new Net()
    const seen = watch(net)
    const { client, server } = net.connect(net.way(FAST))
    new Reader(server)
    // The server's flow is open when the last packet of the handshake arrives; the client's a half round trip before.
    net.join(client, server, net.way(SLOW))
    net.run(70)
    expect([client.flows[1]?.isOpen, server.flows[1]?.isOpen]).toEqual([true, false])
    client.write(bytesAt(0, 5000))
    net.run(85)
    const marked = seen.filter(({ segment }) => segment.data !== 0)
    expect(new Set(marked.map(({ isClient }) => isClient))).toEqual(new Set([true, false]))
    expect(server.statistics.bytesReceived).toBe(5000)
  })
})

describe('two flows', () => {
  test('carry everything once and in order, in both directions', () => {
    const net = new Net()
    const { client, server } = joined(net)
    const seen = watch(net)
    transfer(net, client, server, 2_000_000, 1_000_000)
    for (const isClient of [true, false])
      for (const flow of [0, 1])
        expect(seen.filter(one => one.flow === flow && one.isClient === isClient).length).toBeGreaterThan(100)
    expect([client.statistics.bytesSent, client.statistics.bytesReceived]).toEqual([2_000_000, 1_000_000])
  })

  test('have room for the option in every packet', () => {
    const net = new Net()
    const { client, server } = joined(net)
    let longest = 0
    net.onPacket = (_flow, _isClient, bytes) => {
      longest = Math.max(longest, bytes.length)
    }
    transfer(net, client, server, 500_000, 500_000)
    expect(longest).toBe(DEFAULT_MSS + SEGMENT_BYTES)
  })

  test('bare acknowledgments have the data acknowledgment alone', () => {
    const net = new Net()
    const { client, server } = joined(net)
    const seen = watch(net)
    transfer(net, client, server, 500_000, 0)
    const ofServer = seen.filter(({ isClient, segment }) => !isClient && segment.end === segment.payload)
    expect(ofServer.length).toBeGreaterThan(100)
    expect(new Set(ofServer.map(({ segment }) => segment.data))).toEqual(new Set([HAS_DATA_ACK]))
    const last = Math.max(
      ...ofServer.map(({ segment }) => (segment.dataAck - must(ofServer[0]).segment.dataAck) | 0),
    )
    expect(last).toBeGreaterThan(490_000)
  })

  test('the end of the data is one byte with a flag, in any flow, and no flow has an end of its own', () => {
    const net = new Net()
    const { client, server } = joined(net)
    const seen = watch(net)
    transfer(net, client, server, 10_000, 20_000)
    const ends = seen.filter(({ segment }) => segment.data & HAS_DATA_END)
    expect(new Set(ends.map(({ isClient }) => isClient))).toEqual(new Set([true, false]))
    for (const { segment } of ends)
      expect([segment.data, segment.end > segment.payload]).toEqual([
        HAS_DATA_ACK | HAS_DATA_SEQ | HAS_DATA_END,
        true,
      ])
    expect(seen.filter(({ segment }) => segment.flags & TCP_FIN)).toEqual([])
  })

  test('one direction ends long before the other', () => {
    const net = new Net()
    const { client, server } = joined(net)
    const reader = new Reader(server)
    const back = new Reader(client)
    new Writer(client, 100_000).go()
    net.run(2000)
    expect([reader.hasEnded, client.finished, server.finished]).toEqual([true, true, false])
    new Writer(server, 500_000).go()
    net.run(5000)
    expect([back.hasEnded, back.count, back.wrong, server.finished]).toEqual([true, 500_000, 0, true])
  })

  test('a direction that ended in the first flow before the second joined stays ended', () => {
    const net = new Net()
    const { client, server } = net.connect(net.way(FAST))
    const reader = new Reader(server)
    const back = new Reader(client)
    new Writer(client, 100_000).go()
    net.run(2000)
    net.join(client, server, net.way(SLOW))
    net.run(2200)
    new Writer(server, 500_000).go()
    net.run(5000)
    expect([reader.hasEnded, reader.count, client.finished]).toEqual([true, 100_000, true])
    expect([back.hasEnded, back.count, back.wrong, server.finished]).toEqual([true, 500_000, 0, true])
  })

  test('an end that has finished acknowledges at once what it reads', () => {
    const net = new Net()
    const { client, server } = net.connect(net.way(FAST), { mostWindow: 3000 })
    const back = new Reader(client)
    new Writer(client, 0).go()
    net.run(1000)
    const second = net.join(client, server, net.way(FAST))
    net.run(1500)
    net.leave(client, server, second)
    new Writer(server, 100_000).go()
    net.run(4000)
    expect([back.count, back.hasEnded]).toEqual([100_000, true])
    expect(server.statistics.tailProbes).toBeLessThan(5)
  })

  test('the end is lost in the first flow, which dies, just before the second is open: it leaves again there', () => {
    const net = new Net()
    const { client, server, flow } = net.connect(net.way(FAST))
    const reader = new Reader(server)
    net.run(100)
    net.join(client, server, net.way(SLOW))
    flow.client.path.isCut = true
    new Writer(client, 3000).go()
    net.run(1000)
    expect([reader.hasEnded, reader.count, reader.wrong, client.finished]).toEqual([true, 3000, 0, true])
  })

  test.each(['first', 'second'])('few bytes leave by the faster flow, which is the %s', which => {
    const net = new Net()
    // Too close for ECF to let them wait.
    const ways = which === 'first' ? [FAST, CLOSE] : [CLOSE, FAST]
    const { client, server } = net.connect(net.way(must(ways[0])))
    net.run(100)
    net.join(client, server, net.way(must(ways[1])))
    net.run(300)
    const reader = new Reader(server)
    client.noDelay = true
    const startMs = net.nowMs
    client.write(bytesAt(0, 100))
    net.run(startMs + RTT_MS / 2 + 1)
    expect(reader.count).toBe(100)
  })
})

test('a position of a flow stands for the same data whenever it leaves, also in probes for longer segments', () => {
  const net = new Net()
  const { client, server } = joined(net)
  const shifts = [new Map<number, number>(), new Map<number, number>()]
  let [conflicts, positions] = [0, 0]
  net.onPacket = (flow, isClient, bytes) => {
    const segment = newSegment()
    decodeSegment(bytes, 0, bytes.length, segment)
    if (!isClient || segment.end === segment.payload) return
    const known = must(shifts[flow])
    for (let i = 0; i < segment.end - segment.payload; i++) {
      const seq = (segment.seq + i) >>> 0
      if (seq % 97 > 0) continue
      const shift = (segment.dataSeq - segment.seq) | 0
      if ((known.get(seq) ?? shift) !== shift) conflicts++
      known.set(seq, shift)
      positions++
    }
  }
  transfer(net, client, server, 1_500_000, 0)
  expect(conflicts).toBe(0)
  expect(positions).toBeGreaterThan(15_000)
  expect(client.flows.map(({ sizeProbes }) => sizeProbes > 0)).toEqual([true, true])
})

test('positions of data wrap around, and so do those of flows', () => {
  for (let i = 0; i < 8; i++) {
    const net = new Net()
    let count = 0
    net.numbers = () => ({ initialSequence: (2 ** 32 - 40_000 * ++count) >>> 0, timestampOffset: 0 })
    const { client, server } = joined(net)
    transfer(net, client, server, 300_000, 300_000)
    expect(client.flows.every(({ bytesSent }) => bytesSent > 0)).toBe(true)
  }
})

describe('memory', () => {
  test('is counted once, and is free at the end', () => {
    const net = new Net()
    const { client, server, second } = joined(net)
    new Reader(server).isLazy = true
    client.write(bytesAt(0, 60_000))
    const held = client.buffered
    expect(held).toBeGreaterThan(60_000)
    expect(second.client.transport.buffered).toBeLessThan(1000)
    net.run(2000)
    expect(client.bufferedToSend).toBe(0)
    expect(client.buffered + second.client.transport.buffered).toBeLessThan(1000)
    while (server.read() !== undefined) {}
    expect(server.buffered + second.server.transport.buffered).toBeLessThan(1000)
  })
})

test('segments from before the second flow are cut, because the option needs room', () => {
  const net = new Net()
  const { client, server, flow } = net.connect(net.way(FAST))
  new Reader(server)
  net.run(100)
  flow.client.path.isCut = true
  client.write(bytesAt(0, 10_000))
  net.join(client, server, net.way(FAST), true)
  net.run(130)
  flow.client.path.isCut = false
  const seen = watch(net)
  net.run(3000)
  const repeated = seen.filter(one => one.flow === 0 && one.isClient && one.segment.data & HAS_DATA_SEQ)
  expect(repeated.length).toBeGreaterThan(7)
  expect(Math.max(...repeated.map(({ segment }) => segment.end))).toBe(BASE_MSS + SEGMENT_BYTES)
  expect(DATA_BYTES).toBe(12)
  expect(server.statistics.bytesReceived).toBe(10_000)
})

test.each(['leaves', 'freezes'])('what a flow that %s has not delivered arrives by the other', how => {
  const net = new Net()
  const { client, server, first } = joined(net)
  const reader = new Reader(server)
  new Writer(client, 1_000_000).go()
  net.run(net.nowMs + 20)
  first.client.path.isCut = true
  net.run(net.nowMs + 5)
  if (how === 'leaves') net.leave(client, server, first)
  else for (const { transport } of first.ends) transport.freeze()
  net.run(net.nowMs + 2000)
  expect([first.client.path.lost > 10, reader.count, reader.wrong]).toEqual([true, 1_000_000, 0])
  expect([client.finished, reader.hasEnded]).toEqual([true, true])
})

test.each([
  ['freezes while another one joins', true],
  ['is frozen before another one joins', false],
])('what a flow that %s has not delivered arrives by the other', (_, isJoining) => {
  const net = new Net()
  const { client, server, flow } = net.connect(net.way(FAST))
  const reader = new Reader(server)
  const { transport, path } = flow.client
  net.run(100)
  path.isCut = true
  client.write(bytesAt(0, 100))
  client.finish(net.nowMs)
  net.run(110)
  if (isJoining) net.join(client, server, net.way(SLOW))
  transport.freeze()
  if (isJoining) transport.thaw(net.nowMs, true)
  else net.join(client, server, net.way(SLOW))
  net.run(net.nowMs + 5000)
  expect([reader.count, reader.wrong, reader.hasEnded]).toEqual([100, 0, true])
})

test('at the end every flow is woken, so that the host closes it, also one that was idle', () => {
  const net = new Net()
  const { client, server, second } = joined(net)
  client.scheduler = 'backup'
  net.run(net.nowMs + 100)
  let finished = 0
  second.client.transport.driver = {
    wake: () => {
      if (client.finished) finished++
    },
    isCrowded: false,
  }
  transfer(net, client, server, 5000, 5000)
  expect(finished).toBeGreaterThan(0)
})
