/**
 * The order of checks on an incoming segment: window, timestamp, acknowledgment. A segment that fails one changes
 * nothing.
 */

import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { ANSWER_GAP_MS } from './limits.ts'
import { Hand, type Saying } from './testing/hand.ts'
import { Pipe } from './testing/pipe.ts'
import { brief } from './testing/said.ts'
import { exchange, Reader, Writer } from './testing/transfer.ts'

const FULL = 1000
const AHEAD = 2 ** 30

/** Returns a stream that has sent 3 segments, has read 100 bytes, and owes no acknowledgment. */
function established(): Hand {
  const hand = new Hand().say({ size: 100 }).write(3 * FULL)
  hand.take()
  hand.stream.read()
  return hand
}

/** Sends the peer's next bytes in order, regardless of earlier segments; returns how many can be read. */
function readAfter(hand: Hand): number {
  hand.nowMs += 1000
  hand.say({ seq: 101, size: 100, ack: 1, tsval: 1001 })
  return hand.stream.readable
}

const FORGED: readonly (readonly [string, Saying])[] = [
  ['left of the window, with a timestamp far ahead', { seq: 1 - AHEAD, tsval: AHEAD }],
  ['right of the window, with a timestamp far ahead', { seq: AHEAD, size: 10, tsval: AHEAD }],
  ['left of the window, with an acknowledgment of everything', { seq: 1, size: 50, ack: 3001 }],
  ['empty and left of the window, with an acknowledgment of everything', { seq: 100, ack: 3001 }],
  ['left of the window, with a closed window', { seq: 1, size: 50, window: 0 }],
  ['left of the window, with a SACK block', { seq: 1, size: 50, sack: [[1001, 3001]] }],
  ['with bytes, and an acknowledgment of bytes never sent', { seq: 101, size: 50, ack: 3002 }],
  ['with a FIN, and an acknowledgment of bytes never sent', { seq: 101, fin: true, ack: 3002 }],
  ['with bytes, and an acknowledgment from long ago', { seq: 101, size: 50, ack: 1 - AHEAD }],
  ['with a timestamp far ahead, and an acknowledgment from long ago', { ack: 1 - AHEAD, tsval: AHEAD }],
  ['with bytes and an older timestamp', { seq: 101, size: 50, tsval: 900 }],
  ['with bytes and no timestamp', { seq: 101, size: 50, withoutTimestamp: true }],
]

describe('a segment changes nothing if it is', () => {
  test.each(FORGED)('%s', (_, saying) => {
    const hand = established()
    const { inFlight, peerWindow } = hand.stream.statistics
    const { window, ack } = hand
    hand.say({
      ...saying,
      ...((saying.bytes ?? saying.size) ? { bytes: new Uint8Array(saying.size ?? 0).fill(0xee) } : {}),
    })
    hand.window = window
    hand.ack = ack
    expect(hand.stream.statistics).toMatchObject({ inFlight, peerWindow, recoveries: 0 })
    expect([hand.stream.readable, hand.stream.peerFinished]).toEqual([0, false])
    expect(hand.stream.nextTimeout()).toBeLessThan(Number.POSITIVE_INFINITY)
    expect(readAfter(hand)).toBe(100)
    expect(must(hand.stream.read()).includes(0xee)).toBe(false)
  })
})

describe('acknowledges', () => {
  test.each([
    ['an acknowledgment of bytes never sent', { ack: 3002 }],
    ['a position beyond the window', { seq: AHEAD, size: 10 }],
    ['a position long before the window', { seq: 1 - AHEAD, size: 10 }],
    ['a SYN (RFC 5961, 4.2)', { flags: 0x12 }],
    ['an old timestamp', { seq: 101, size: 10, tsval: 900 }],
  ] as const)('%s, but not a flood', (_, saying) => {
    const hand = established()
    hand.nowMs += ANSWER_GAP_MS
    let count = 0
    for (let i = 0; i < 1000; i++) {
      count += hand.say({ ...saying, seq: 'seq' in saying ? saying.seq : 101 }).take().length
      hand.nowMs++
    }
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThanOrEqual(1000 / ANSWER_GAP_MS + 1)
  })

  test('never answers a RST or a segment without ACK', () => {
    const hand = established()
    expect(hand.say({ flags: 0x14 }).say({ flags: 0x04 }).say({ flags: 0 }).take()).toEqual([])
  })
})

test('accepts a bare acknowledgment from the very end of a full window', () => {
  const hand = new Hand({ firstWindow: 4000, mostWindow: 4000 }).write(FULL)
  hand.take()
  hand.say({ seq: 4001, ack: 1001 })
  expect(hand.stream.statistics.inFlight).toBe(0)
})

test('replaces the newest timestamp after 24 days, when it no longer means anything (RFC 7323, 5.5)', () => {
  const hand = new Hand().say({ size: 100, tsval: 1000 })
  hand.take()
  hand.nowMs += 25 * 24 * 3600 * 1000
  hand.say({ size: 100, tsval: 1000 + 2 ** 31 + 5 }).take()
  hand.say({ size: 100, tsval: 1000 + 2 ** 31 + 6 })
  expect(at(hand.take(), 0).tsecr).toBe(1000 + 2 ** 31 + 6)
  expect(hand.stream.readable).toBe(300)
})

test('a late duplicate does not make later segments look old', () => {
  const hand = new Hand()
  hand.say({ seq: 1001, size: FULL, tsval: 1001 }).say({ seq: 1, size: FULL, tsval: 1000 })
  // The sender retransmitted the first segment needlessly, after it had sent the third.
  hand.say({ seq: 1, size: FULL, tsval: 1025 }).say({ seq: 2001, size: FULL, tsval: 1003 })
  expect([hand.stream.readable, hand.stream.statistics.wrongTimestamps]).toEqual([3 * FULL, 0])
})

describe('forged segments', () => {
  test('of an attacker that does not know the window never change or stop delivery', () => {
    const property = fc.property(fc.integer(), fc.boolean(), (seed, timestamps) => {
      const pipe = new Pipe({
        seed,
        there: { latencyMs: 5, loss: 0.02, reordering: 0.05 },
        client: { timestamps },
      }).open()
      const { random } = pipe
      for (const end of [pipe.client, pipe.server]) {
        const { stream } = end === pipe.client ? pipe.server : pipe.client
        end.onPacket = (bytes, nowMs) => {
          if (random() < 0.5) return
          const forged = bytes.slice()
          // Wrong in position alone: far left or right of the window, with any timestamp and a valid acknowledgment.
          forged[4] = at(forged, 4) ^ (0x20 << Math.floor(random() * 3))
          if (forged.length > 28)
            forged[forged.length > 32 ? 24 : 20] =
              at(forged, forged.length > 32 ? 24 : 20) ^ Math.floor(random() * 256)
          stream.receive(forged, 0, forged.length, nowMs)
        }
      }
      expect(exchange(pipe, 60_000, 60_000)).toBeLessThan(20_000)
    })
    fc.assert(property, { numRuns: 30 })
  })

  test('that hit the receive window, but not the sent range, change nothing', () => {
    const property = fc.property(fc.integer(), seed => {
      const pipe = new Pipe({ seed, there: { latencyMs: 5, loss: 0.02 } }).open()
      const { random } = pipe
      for (const end of [pipe.client, pipe.server]) {
        const { stream } = end === pipe.client ? pipe.server : pipe.client
        end.onPacket = (bytes, nowMs) => {
          const forged = bytes.slice()
          forged[8] = (at(forged, 8) + 64 + Math.floor(random() * 128)) & 255
          forged.fill(0xee, ((at(forged, 12) >>> 4) * 4) | 0)
          if (random() < 0.3) forged[13] = at(forged, 13) | 1
          stream.receive(forged, 0, forged.length, nowMs)
        }
      }
      const readers = [new Reader(pipe.client.stream), new Reader(pipe.server.stream)]
      new Writer(pipe.client.stream, 40_000).go()
      new Writer(pipe.server.stream, 40_000).go()
      pipe.run(pipe.nowMs + 20_000)
      for (const reader of readers) expect(reader).toMatchObject({ count: 40_000, wrong: 0, hasEnded: true })
    })
    fc.assert(property, { numRuns: 30 })
  })
})

test('get no more answers in a flood than the gap allows', () => {
  const hand = established()
  hand.nowMs += ANSWER_GAP_MS
  expect(brief(hand.say({ ack: 3002 }).take())).toEqual(['=101'])
})
