/** A peer that sends any DATA option in any flow harms only itself: nothing throws, grows without limit, or sends forever. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../../../checker/text/at.ts'
import { HAS_DATA_ACK, HAS_DATA_END, HAS_DATA_SEQ } from '../../../../spec/wire/options.ts'
import {
  decodeSegment,
  encodeSegmentHeader,
  newSegment,
  type Segment,
  TCP_ACK,
  TCP_FIN,
} from '../../../../spec/wire/segment.ts'
import type { Transport } from '../../transport.ts'
import { MOST_PIECE, MOST_RANGES } from '../limits.ts'
import type { Stream } from '../stream.ts'
import { bytesAt } from '../testing/transfer.ts'
import { Net } from './testing/net.ts'

const WINDOW = 50_000
const SENT = 20_000

/** A server with two flows that has sent SENT bytes and read 1000, and a peer played by hand that saw its segments. */
class Peer {
  readonly net = new Net()
  readonly server: Stream
  readonly transports: readonly Transport[]
  /** The last segment of the client in each flow: what a real peer would continue. */
  readonly last: Segment[] = [newSegment(), newSegment()]
  readonly #out = new Uint8Array(2048)

  constructor() {
    const { net } = this
    const way = () => net.way({ latencyMs: 5 })
    const { client, server, flow } = net.connect(way(), {
      mostWindow: WINDOW,
      timestamps: false,
      noDelay: true,
    })
    this.server = server
    net.onPacket = (i, isClient, bytes) => {
      if (isClient) decodeSegment(bytes, 0, bytes.length, must(this.last[i]))
    }
    net.run(50)
    const second = net.join(client, server, way())
    net.run(150)
    client.write(bytesAt(0, 1000))
    client.scheduler = 'redundant'
    net.run(300)
    client.write(bytesAt(1000, 500))
    net.run(450)
    while (server.read() !== undefined) {}
    this.transports = [flow.server.transport, second.server.transport]
    server.write(bytesAt(0, SENT))
    this.take()
  }

  /** Sends a segment in flow `i` that follows the last one, with these changes and `size` bytes of 0xee. */
  say(i: number, given: Partial<Segment>, size = 0): this {
    const last = must(this.last[i])
    const segment = { ...last, seq: last.seq + last.end - last.payload, flags: TCP_ACK, ...given }
    const at = encodeSegmentHeader(segment, this.#out, 0)
    this.#out.fill(0xee, at, at + size)
    must(this.transports[i]).receive(this.#out, 0, at + size, this.net.nowMs)
    return this
  }

  /** Lets both flows send what they can, and returns the number of segments. */
  take(): number {
    let count = 0
    for (let isBusy = true; isBusy; ) {
      isBusy = false
      for (const transport of this.transports)
        while (transport.send(this.#out, 0, this.net.nowMs) > 0) {
          isBusy = true
          if (++count > 1000) throw new Error('it sends without end')
        }
    }
    return count
  }

  /** The next data position in each direction, as numbers. */
  get next(): { readonly seq: number; readonly ack: number } {
    const { dataSeq, dataAck, payload, end } = must(this.last[0])
    return { seq: (dataSeq + end - payload) >>> 0, ack: dataAck }
  }
}

const SEQ = HAS_DATA_ACK | HAS_DATA_SEQ

describe('counted and dropped:', () => {
  test('an acknowledgment of data never sent', () => {
    const peer = new Peer()
    const { ack } = peer.next
    peer.say(1, { data: HAS_DATA_ACK, dataAck: ack + SENT + 1 })
    expect(peer.server.statistics.wrongAcknowledgments).toBe(1)
    expect(peer.server.bufferedToSend).toBe(SENT)
  })

  test('data beyond the window', () => {
    const peer = new Peer()
    const { seq, ack } = peer.next
    peer.say(1, { data: SEQ, dataAck: ack, dataSeq: seq + WINDOW }, 100)
    expect([peer.server.statistics.outOfWindow, peer.server.readable]).toEqual([1, 0])
  })

  test('data without a place, in a flow that joined', () => {
    const peer = new Peer()
    peer.say(1, { data: HAS_DATA_ACK, dataAck: peer.next.ack }, 100)
    expect([peer.server.statistics.malformed, peer.server.readable]).toEqual([1, 0])
  })

  test('an end before data that has arrived: it is not acknowledged in the flow either', () => {
    const peer = new Peer()
    const { seq, ack } = peer.next
    peer.say(0, { data: SEQ, dataAck: ack, dataSeq: seq + 500 }, 100)
    const { statistics: before } = peer.server
    peer.say(1, { data: SEQ | HAS_DATA_END, dataAck: ack, dataSeq: seq + 100 }, 1)
    expect(peer.server.statistics.bytesReceived).toBe(before.bytesReceived)
    expect([peer.server.flows[1]?.bytesReceived, peer.server.peerFinished]).toEqual([1500, false])
  })
})

test('a forged end is withdrawn when data arrives from beyond it', () => {
  const peer = new Peer()
  const { seq, ack } = peer.next
  peer.say(1, { data: SEQ | HAS_DATA_END, dataAck: ack, dataSeq: seq }, 1)
  peer.say(0, { data: SEQ, dataAck: ack, dataSeq: seq }, 100)
  expect(peer.server.readable).toBe(100)
  while (peer.server.read() !== undefined) {}
  expect(peer.server.peerFinished).toBe(false)
})

test('a flow cannot take the first copy of a byte from another', () => {
  const peer = new Peer()
  const { seq, ack } = peer.next
  peer.say(0, { data: SEQ, dataAck: ack, dataSeq: seq + 100 }, 100)
  peer.say(1, { data: SEQ, dataAck: ack, dataSeq: seq }, 150)
  expect(peer.server.readable).toBe(200)
})

test('a flow does not acknowledge data for which memory was short', () => {
  const peer = new Peer()
  const { seq, ack } = peer.next
  const received = () => peer.server.flows.map(({ bytesReceived }) => bytesReceived)
  const before = received()
  for (const transport of peer.transports) transport.driver = { wake: () => {}, isCrowded: true }
  peer.say(1, { data: SEQ, dataAck: ack, dataSeq: seq + 500 }, 100)
  expect(received()).toEqual(before)
  for (const transport of peer.transports) transport.driver = { wake: () => {}, isCrowded: false }
  peer.say(1, { data: SEQ, dataAck: ack, dataSeq: seq + 500 }, 100)
  expect(received()[1]).toBe(must(before[1]) + 100)
})

test('an acknowledgment without a DATA option frees data only while positions of the first flow are those of the data', () => {
  const peer = new Peer()
  const { server } = peer
  const flow = must(server.flows[0])
  const sent = flow.bytesSent
  expect(sent).toBeGreaterThan(0)
  const { ack } = must(peer.last[0])
  const data = peer.next.ack
  peer.say(0, { data: 0, ack: ack + sent })
  expect(server.bufferedToSend).toBe(SENT - sent)
  peer.say(0, { data: HAS_DATA_ACK, dataAck: data + sent, ack: ack + sent })
  peer.say(1, { data: HAS_DATA_ACK, dataAck: data + sent })
  // The other flow sends the next bytes, then this one.
  const next = sent + must(server.flows[1]).bytesSent
  for (const isFirst of [true, false]) {
    server.setBackup(must(peer.transports[isFirst ? 0 : 1]), true)
    server.setBackup(must(peer.transports[isFirst ? 1 : 0]), false)
    server.write(bytesAt(SENT, 10_000))
    peer.take()
  }
  const more = must(server.flows[0]).bytesSent - sent
  expect(must(server.flows[1]).bytesSent).toBeGreaterThan(next - sent)
  expect(more).toBeGreaterThan(0)
  peer.say(0, { data: 0, ack: ack + sent + more })
  expect(server.bufferedToSend).toBe(SENT + 20_000 - sent)
})

test('any DATA options', () => {
  const near = fc.integer({ min: -3000, max: WINDOW + 5000 })
  const far = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  const place = fc.oneof({ weight: 5, arbitrary: near }, { weight: 1, arbitrary: far })
  const saying = fc.record({
    flow: fc.nat(1),
    data: fc.constantFrom(0, 1, 3, 7),
    dataAck: place,
    dataSeq: place,
    skip: fc.oneof(fc.constant(0), near),
    ack: fc.oneof(fc.constant(0), fc.nat(SENT)),
    window: fc.constantFrom(0, 100, 65_535),
    size: fc.oneof(fc.constant(0), fc.nat(1400)),
    fin: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    waitMs: fc.constantFrom(0, 1, 300),
  })
  fc.assert(
    fc.property(fc.array(saying, { maxLength: 60 }), sayings => {
      const peer = new Peer()
      const { seq, ack } = peer.next
      const { server, net } = peer
      for (const { flow, dataAck, dataSeq, skip, fin, waitMs, size, ack: more, ...rest } of sayings) {
        const last = must(peer.last[flow])
        peer.say(
          flow,
          {
            ...rest,
            seq: last.seq + last.end - last.payload + skip,
            ack: last.ack + more,
            dataAck: ack + dataAck,
            dataSeq: seq + dataSeq,
            flags: TCP_ACK | (fin ? TCP_FIN : 0),
          },
          size,
        )
        net.nowMs += waitMs
        for (const transport of peer.transports)
          if (transport.nextTimeout() <= net.nowMs) transport.expire(net.nowMs)
        peer.take()
      }
      const held = peer.transports.reduce((sum, { buffered }) => sum + buffered, 0)
      expect(server.readable).toBeLessThanOrEqual(WINDOW)
      expect(held).toBeLessThan(8 * (WINDOW + SENT) + 4 * MOST_PIECE + 100 * MOST_RANGES)
    }),
  )
})
