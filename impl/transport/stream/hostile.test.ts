/** Nonsense from a peer is counted and ignored, and nothing breaks, grows or stops. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { MOST_PIECE, MOST_RANGES } from './limits.ts'
import { Hand } from './testing/hand.ts'
import { Pipe } from './testing/pipe.ts'
import { brief } from './testing/said.ts'
import { exchange } from './testing/transfer.ts'

const FULL = 1000

describe('ignored and counted', () => {
  test('an acknowledgment of bytes never sent, or of a position long past', () => {
    const hand = new Hand().write(3 * FULL)
    hand.take()
    hand
      .say({ ack: 3002 })
      .say({ ack: 3001 + 2 ** 31 })
      .say({ ack: 1 - 2 ** 30 })
    expect(hand.stream.statistics).toMatchObject({ wrongAcknowledgments: 3, inFlight: 3 * FULL })
    expect(brief(hand.take())).toEqual(['=1'])
  })

  test.each([
    ['that end before they begin', [[2001, 1001]]],
    ['of bytes never sent', [[3001, 4001]]],
    ['around half of the circle', [[1001, 1001 + 2 ** 31]]],
  ] as const)('blocks %s', (_, sack) => {
    const hand = new Hand().write(3 * FULL)
    hand.take()
    hand.say({ sack })
    expect(hand.stream.statistics).toMatchObject({ wrongAcknowledgments: 1, recoveries: 0 })
    hand.say({ ack: 3001 })
    expect(hand.stream.statistics.inFlight).toBe(0)
  })

  test('SACK blocks for part of a segment', () => {
    const hand = new Hand().write(5 * FULL)
    hand.take()
    hand
      .say({ sack: [[1500, 2600]] })
      .say({ sack: [[1500, 3001]] })
      .say({ sack: [[1001, 3001]] })
    hand.nowMs += 20
    hand.say({ sack: [[1001, 5001]] })
    expect(brief(hand.take())).toEqual(['1+1000'])
  })

  test.each([
    ['SYN', 0x12],
    ['RST', 0x14],
    ['no ACK', 0x00],
    ['everything', 0xff],
  ])('a segment with %s', (_, flags) => {
    const hand = new Hand().say({ flags, size: 10 })
    expect(hand.stream.statistics.malformed).toBe(1)
    expect([hand.stream.readable, hand.stream.buffered]).toEqual([0, 0])
  })

  test('more gaps than the limit: refused bytes are retransmitted', () => {
    const hand = new Hand({ firstWindow: 1e6, mostWindow: 1e6 })
    for (let i = 0; i < MOST_RANGES + 5; i++) hand.say({ seq: 2 + 2 * i, size: 1 })
    expect(hand.stream.statistics.refused).toBe(5)
    hand.say({ seq: 1, size: 1 })
    expect(hand.stream.readable).toBe(2)
  })

  test('endless repetition', () => {
    const hand = new Hand().write(FULL)
    hand.take()
    for (let i = 0; i < 1000; i++) hand.say({ seq: 1, size: 100, ack: 1 })
    expect(hand.take()).toHaveLength(1)
    expect([hand.stream.readable, hand.stream.statistics.duplicatesReceived]).toEqual([100, 999])
  })
})

test('two ends that disagree about everything do not answer each other forever', () => {
  const pipe = new Pipe({ there: { latencyMs: 1 } }).open()
  const other = new Pipe({ there: { latencyMs: 1 }, seed: 2 }).open()
  let count = 0
  let nowMs = 10
  const packet = new Uint8Array(2048)
  let from = pipe.client.stream
  let to = other.client.stream
  // An acknowledgment of one connection inside another: each answer is nonsense to its receiver.
  from.noDelay = true
  from.write(new Uint8Array(1))
  for (let i = 0; i < 1000; i++) {
    const end = from.send(packet, 0, nowMs)
    if (end > 0) {
      to.receive(packet, 0, end, nowMs)
      count++
    }
    ;[from, to] = [to, from]
    nowMs += 0.01
  }
  expect(count).toBeLessThan(10)
})

describe('any segment', () => {
  const near = fc.integer({ min: -3000, max: 70_000 })
  const far = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  const position = fc.oneof({ weight: 5, arbitrary: near }, { weight: 1, arbitrary: far })
  const saying = fc.record(
    {
      seq: position,
      ack: position,
      size: fc.oneof(fc.nat(1500), fc.constant(0)),
      window: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 65_535 })),
      fin: fc.boolean(),
      flags: fc.oneof(
        { weight: 9, arbitrary: fc.constant(0x10) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
      ),
      sack: fc.array(fc.tuple(position, position), { maxLength: 3 }),
      tsval: fc.oneof(fc.constant(1000), far),
      tsecr: fc.oneof(fc.nat(5000), far),
    },
    { requiredKeys: [] },
  )
  const step = fc.record({
    saying,
    waitMs: fc.constantFrom(0, 0, 1, 50, 3000),
    write: fc.constantFrom(0, 0, 500, 20_000),
  })

  test('from a peer throws nothing and stays within limits', () => {
    const property = fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, peerSack) => {
      const hand = new Hand({ peerSack, firstWindow: 30_000, mostWindow: 30_000 })
      let written = 0
      for (const { saying, waitMs, write } of steps) {
        hand.write(write)
        written += write
        hand.say(saying)
        hand.wait(waitMs)
        const { inFlight, congestionWindow } = hand.stream.statistics
        expect(inFlight).toBeLessThanOrEqual(written)
        expect(congestionWindow).toBeGreaterThan(0)
        expect(hand.stream.buffered).toBeLessThanOrEqual(
          30_000 + written + 4 * MOST_PIECE + 32 * MOST_RANGES + 32 * 1024,
        )
        expect(hand.stream.nextTimeout()).not.toBeNaN()
        hand.stream.read()
      }
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('as raw bytes throws nothing', () => {
    const property = fc.property(fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 30 }), packets => {
      const hand = new Hand().write(5000)
      for (const bytes of packets) {
        const packet = Uint8Array.of(9, ...bytes, 9)
        hand.stream.receive(packet, 1, 1 + bytes.length, hand.nowMs)
        hand.wait(5)
      }
      expect(hand.stream.statistics.segmentsReceived).toBe(packets.length)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('between the segments of an honest peer does not harm it', () => {
    const property = fc.property(fc.integer(), seed => {
      const pipe = new Pipe({ seed, there: { latencyMs: 5, loss: 0.05 } }).open()
      const { random } = pipe
      for (const end of [pipe.client, pipe.server]) {
        const { stream } = end === pipe.client ? pipe.server : pipe.client
        end.onPacket = (bytes, nowMs) => {
          // From another connection: the same flags and options, other numbers.
          const forged = bytes.slice()
          for (let i = 4; i < 12; i++) forged[i] = Math.floor(random() * 256)
          if (random() < 0.2) stream.receive(forged, 0, forged.length, nowMs)
        }
      }
      expect(exchange(pipe, 50_000, 50_000)).toBeGreaterThan(0)
    })
    fc.assert(property, { numRuns: 40 })
  })
})
