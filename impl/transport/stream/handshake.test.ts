/** What both ends agree on, and malformed handshake packets. */

import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { ACK, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import {
  decodeSegment,
  encodeSegmentHeader,
  newSegment,
  type Segment,
  TCP_ACK,
  TCP_SYN,
} from '../../../spec/wire/segment.ts'
import type { StreamOptions } from './options.ts'
import { Stream } from './stream.ts'
import { Hand } from './testing/hand.ts'
import { brief } from './testing/said.ts'

const stream = (options: Partial<StreamOptions> = {}) => new Stream({ initialSequence: 1000, ...options })

function written(by: Stream, kind: number, now = 0): Segment {
  const out = new Uint8Array(100)
  const segment = newSegment()
  expect(decodeSegment(out, 0, by.writeHandshake(kind, out, 0, now), segment)).toBe(0)
  return segment
}

/** Passes a segment with these fields to `to`. */
function given(to: Stream, kind: number, fields: Partial<Segment>): boolean {
  const out = new Uint8Array(100)
  return to.readHandshake(kind, out, 0, encodeSegmentHeader({ ...newSegment(), ...fields }, out, 0), 0)
}

const offered = ({ mss, windowScale, sackPermitted, hasTimestamp, window }: Segment) => ({
  mss,
  windowScale,
  sackPermitted,
  hasTimestamp,
  window,
})

/** The prototype's SYN: MSS 1448, window scale 1, no other option, and no window until the ACK. */
const PROTOTYPE = { seq: 239202780, flags: TCP_SYN, mss: 1448, windowScale: 1, window: 0 }

describe('a SYN', () => {
  test('offers every option', () => {
    expect(offered(written(stream(), SYN))).toEqual({
      mss: 1440,
      windowScale: 7,
      sackPermitted: 1,
      hasTimestamp: 1,
      window: 65_535,
    })
  })

  test('offers the chosen options', () => {
    const options = { mss: 1000, mostWindow: 30_000, sack: false, timestamps: false }
    expect(offered(written(stream(options), SYN))).toEqual({
      mss: 1000,
      windowScale: 0,
      sackPermitted: 0,
      hasTimestamp: 0,
      window: 30_000,
    })
  })

  test('repeats the same offer, except for the time', () => {
    const client = stream()
    const [first, second] = [written(client, SYN, 5), written(client, SYN, 3005)]
    expect(second).toEqual({ ...first, tsval: first.tsval + 3000 })
  })
})

describe('a SYN-ACK', () => {
  test('accepts what is offered', () => {
    const server = stream()
    expect(given(server, SYN, { ...written(stream(), SYN) })).toBe(true)
    const answer = written(server, SYNACK)
    expect([answer.seq, answer.ack, answer.flags]).toEqual([1000, 1001, TCP_SYN | TCP_ACK])
    expect(offered(answer)).toMatchObject({ windowScale: 7, sackPermitted: 1, hasTimestamp: 1 })
  })

  test('offers the prototype only options that it knows', () => {
    const server = stream({ mss: 1448 })
    expect(given(server, SYN, PROTOTYPE)).toBe(true)
    const answer = written(server, SYNACK)
    expect(answer.end - answer.payload).toBe(0)
    expect(answer.payload).toBe(28)
    expect(offered(answer)).toMatchObject({ mss: 1448, windowScale: 7, sackPermitted: 0, hasTimestamp: 0 })
  })

  test('without window scaling, windows are unscaled and stay small enough', () => {
    const server = stream()
    given(server, SYN, { seq: 1, flags: TCP_SYN, window: 1000 })
    expect(offered(written(server, SYNACK))).toMatchObject({ windowScale: -1, window: 65_535 })
    expect(server.statistics.receiveWindow).toBe(65_535)
  })
})

describe('an ACK', () => {
  test('is 20 bytes, whatever was agreed on', () => {
    const [client, server] = [stream(), stream({ initialSequence: 7 })]
    given(server, SYN, written(client, SYN))
    given(client, SYNACK, written(server, SYNACK))
    const ack = written(client, ACK)
    expect([ack.payload, ack.seq, ack.ack, ack.flags]).toEqual([20, 1001, 8, TCP_ACK])
    expect(given(server, ACK, ack)).toBe(true)
  })

  test("opens the window that a prototype's SYN kept closed", () => {
    const server = stream({ initialSequence: 5 })
    given(server, SYN, PROTOTYPE)
    written(server, SYNACK)
    server.write(new Uint8Array(100))
    const out = new Uint8Array(2048)
    expect(server.send(out, 0, 0)).toBe(0)
    expect(given(server, ACK, { seq: 239202781, ack: 6, flags: TCP_ACK, window: 2896 })).toBe(true)
    expect(server.statistics.peerWindow).toBe(5792)
    expect(server.send(out, 0, 0)).toBe(120)
  })

  test('may be lost, because data proves as much', () => {
    const [client, server] = [stream(), stream({ initialSequence: 7 })]
    given(server, SYN, written(client, SYN))
    given(client, SYNACK, written(server, SYNACK))
    client.write(new Uint8Array(50))
    server.write(new Uint8Array(60))
    const out = new Uint8Array(2048)
    expect(server.send(out, 0, 1)).toBe(0)
    server.receive(out, 0, client.send(out, 0, 1), 1)
    expect(server.readable).toBe(50)
    expect(server.send(out, 0, 1)).toBe(32 + 60)
  })
})

describe('a handshake that SAL has confirmed', () => {
  test('needs no transport segment as confirmation', () => {
    const server = stream()
    const none = new Uint8Array(0)
    expect(server.readHandshake(ACK, none, 0, 0, 0)).toBe(false)
    given(server, SYN, { ...PROTOTYPE, window: 1000 })
    written(server, SYNACK)
    server.write(new Uint8Array(60))
    expect(server.readHandshake(ACK, none, 0, 0, 30)).toBe(true)
    expect(server.send(new Uint8Array(2048), 0, 30)).toBe(20 + 60)
    expect(server.statistics.roundTripMs).toBe(30)
    expect(server.readHandshake(ACK, none, 0, 0, 90)).toBe(true)
    expect(server.statistics.roundTripMs).toBe(30)
  })
})

describe('both ends agree on', () => {
  test.each([
    ['the smaller MSS, less the timestamps', { mss: 1448, peerMss: 1000 }, 988],
    ['the smaller MSS', { mss: 700, peerMss: 1000, peerTimestamps: false }, 700],
    ['536 when none is named', { peerMss: 0, peerTimestamps: false }, 536],
    ['at least 88', { peerMss: 1, peerTimestamps: false }, 88],
  ])('%s', (_, options, size) => {
    const hand = new Hand({ noDelay: true, ...options }).write(5000)
    expect(at(hand.take(), 0).size).toBe(size)
  })

  test('the first round trip is measured by timestamp, also after the SYN was retransmitted', () => {
    expect(new Hand({ roundTripMs: 35 }).stream.statistics.roundTripMs).toBe(35)
    const client = stream()
    const server = stream()
    written(client, SYN, 0)
    const out = new Uint8Array(100)
    server.readHandshake(SYN, out, 0, client.writeHandshake(SYN, out, 0, 3000), 3020)
    client.readHandshake(SYNACK, out, 0, server.writeHandshake(SYNACK, out, 0, 3020), 3040)
    expect(client.statistics.roundTripMs).toBe(40)
  })

  test('a retransmitted SYN without timestamps measures nothing (Karn)', () => {
    const client = stream({ timestamps: false })
    written(client, SYN, 0)
    written(client, SYN, 3000)
    given(client, SYNACK, { seq: 5, ack: 1001, flags: TCP_SYN | TCP_ACK, window: 100 })
    expect(client.statistics.roundTripMs).toBe(-1)
  })
})

describe('refuses', () => {
  test.each([
    ['a SYN with ACK', SYN, { flags: TCP_SYN | TCP_ACK }],
    ['a SYN with RST', SYN, { flags: TCP_SYN | 4 }],
    ['no SYN', SYN, { flags: TCP_ACK }],
    ['an ACK before a SYN', ACK, { flags: TCP_ACK }],
    ['a SYN-ACK before our SYN', SYNACK, { flags: TCP_SYN | TCP_ACK, ack: 1001 }],
    ['a kind without a transport part', 6, { flags: TCP_ACK }],
  ])('%s', (_, kind, fields) => {
    expect(given(stream(), kind, fields)).toBe(false)
  })

  test('a SYN-ACK to another SYN', () => {
    const client = stream()
    written(client, SYN)
    expect(given(client, SYNACK, { seq: 5, ack: 1002, flags: TCP_SYN | TCP_ACK })).toBe(false)
    expect(given(client, SYNACK, { seq: 5, ack: 1001, flags: TCP_SYN | TCP_ACK })).toBe(true)
  })

  test('a second, different SYN, but not a repeated one', () => {
    const server = stream()
    expect(given(server, SYN, PROTOTYPE)).toBe(true)
    expect(given(server, SYN, { ...PROTOTYPE, seq: 5 })).toBe(false)
    expect(given(server, SYN, PROTOTYPE)).toBe(true)
  })

  test('an ACK of bytes never sent', () => {
    const server = stream()
    given(server, SYN, PROTOTYPE)
    written(server, SYNACK)
    server.write(new Uint8Array(10))
    given(server, ACK, { seq: 239202781, ack: 77, flags: TCP_ACK, window: 100 })
    expect(server.statistics.wrongAcknowledgments).toBe(1)
    expect(server.send(new Uint8Array(2048), 0, 0)).toBe(0)
  })

  test('arbitrary bytes, without an exception', () => {
    const property = fc.property(
      fc.integer({ min: 0, max: 9 }),
      fc.uint8Array({ maxLength: 80 }),
      (kind, bytes) => {
        const server = stream()
        expect(server.readHandshake(kind, bytes, 0, bytes.length, 0)).toBeTypeOf('boolean')
      },
    )
    fc.assert(property, { numRuns: 1000 })
  })
})

test('data continues from the handshake, whatever the initial sequence numbers', () => {
  const number = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.integer({ min: 2 ** 32 - 3000, max: 2 ** 32 - 1 }),
    fc.integer({ min: 2 ** 31 - 3000, max: 2 ** 31 + 1000 }),
  )
  const property = fc.property(number, number, (initialSequence, peerSequence) => {
    const hand = new Hand({ initialSequence, peerSequence }).write(2500)
    expect(brief(hand.take())).toEqual(['1+1000', '1001+1000', '2001+500'])
    hand.say({ ack: 2501, size: 700 }).say({ size: 700 })
    expect(brief(hand.take())).toEqual(['=1401'])
    expect(hand.stream).toMatchObject({ bufferedToSend: 0, readable: 1400 })
  })
  fc.assert(property, { numRuns: 200 })
})
