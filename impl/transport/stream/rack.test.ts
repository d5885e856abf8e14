/** Losses found by time, and probes for lost tails (RFC 8985). */

import { describe, expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { Hand } from './testing/hand.ts'
import { brief, timed } from './testing/said.ts'
import { block, FULL, pastFull, RTT_MS, sending } from './testing/sending.ts'

describe('tail loss probes (RFC 8985, 7)', () => {
  test('the last segment is sent again after two round trips', () => {
    const hand = sending(3)
    expect(timed(hand.wait(100), RTT_MS)).toEqual([`40ms ${pastFull(2)}+${FULL}`])
    expect(hand.stream.statistics).toMatchObject({ tailProbes: 1, timeouts: 0 })
  })

  test('a single segment waits longer, because the peer may delay its acknowledgment', () => {
    expect(timed(sending(1).wait(150), RTT_MS)).toEqual([`90ms 1+${FULL}`])
  })

  test('new data is sent instead, if there is any', () => {
    const hand = new Hand({ roundTripMs: RTT_MS }).write(12 * FULL)
    expect(hand.take()).toHaveLength(10)
    expect(timed(hand.wait(100), RTT_MS)).toEqual([`40ms ${pastFull(10)}+${FULL}`])
  })

  test('the answer shows what is missing, which is retransmitted immediately', () => {
    const hand = sending(4)
    hand.wait(60)
    hand.say({ sack: [block(3, 4)] })
    expect(brief(hand.take())).toEqual([`1+${FULL}`])
    hand.say({ ack: pastFull(1), sack: [block(3, 4)] })
    expect(brief(hand.take())).toEqual([`${pastFull(1)}+${FULL}`, `${pastFull(2)}+${FULL}`])
    expect(hand.stream.statistics).toMatchObject({ timeouts: 0, recoveries: 1 })
  })

  test('a loss that the probe itself repaired reduces the window (7.4.2)', () => {
    const hand = sending(4)
    hand.say({ ack: pastFull(3) }).wait(200)
    const before = hand.stream.statistics
    expect(before.tailProbes).toBe(1)
    hand.write(FULL).take()
    hand.say({ ack: pastFull(5) })
    expect(hand.stream.statistics.recoveries).toBe(before.recoveries + 1)
  })

  test('a needless probe does not (7.4.2)', () => {
    const hand = sending(4)
    hand.wait(60)
    hand.say({ ack: pastFull(4) })
    hand.say({ ack: pastFull(4), sack: [block(3, 4)] })
    hand.write(FULL).take()
    hand.say({ ack: pastFull(5) })
    expect(hand.stream.statistics).toMatchObject({ recoveries: 0, duplicatesReported: 1 })
  })

  test('a timeout follows when the probe is lost too', () => {
    const hand = sending(3)
    expect(timed(hand.wait(260), RTT_MS)).toEqual([`40ms ${pastFull(2)}+${FULL}`, `240ms 1+${FULL}`])
  })
})

describe('RACK (RFC 8985, 6)', () => {
  test('a segment is lost once three later segments have arrived', () => {
    const hand = sending(10)
    hand.nowMs += RTT_MS
    hand.say({ sack: [block(1, 3)] })
    expect(hand.take()).toEqual([])
    hand.say({ sack: [block(1, 4)] })
    expect(brief(hand.take())).toEqual([`1+${FULL}`])
  })

  test('after fewer, it has another quarter of a round trip', () => {
    const hand = sending(10)
    hand.nowMs += RTT_MS
    hand.say({ sack: [block(1, 2)] })
    expect(timed(hand.wait(10), 2 * RTT_MS)).toEqual([`5ms 1+${FULL}`])
  })

  test('a segment that was only late is not retransmitted', () => {
    const hand = sending(10)
    hand.nowMs += RTT_MS
    hand.say({ sack: [block(1, 2)] })
    hand.nowMs += 4
    hand.say({ ack: pastFull(2) })
    expect(hand.wait(5)).toEqual([])
    expect(hand.stream.statistics.segmentsRepeated).toBe(0)
  })

  test('once reordering has been seen, three later segments are not enough', () => {
    const hand = sending(10)
    hand.nowMs += RTT_MS
    hand.say({ sack: [block(1, 2)] }).say({ ack: pastFull(2) })
    hand.say({ sack: [block(3, 8)] })
    expect(hand.take()).toEqual([])
    expect(timed(hand.wait(10), 2 * RTT_MS)).toEqual([`5ms ${pastFull(2)}+${FULL}`])
  })

  test('a lost retransmission is detected', () => {
    const hand = new Hand({ roundTripMs: RTT_MS }).write(14 * FULL)
    hand.take()
    hand.nowMs += RTT_MS
    hand.say({ sack: [block(1, 10)] })
    const repeated = brief(hand.take())
    expect(repeated[0]).toBe(`1+${FULL}`)
    expect(repeated).toContain(`${pastFull(10)}+${FULL}`)
    hand.nowMs += RTT_MS
    // Data sent after the retransmission has arrived; the retransmission has not.
    hand.say({ sack: [block(1, 11)] })
    expect(brief(hand.wait(6))[0]).toBe(`1+${FULL}`)
  })

  test('SACKed data is not retransmitted, whatever else is lost', () => {
    const hand = sending(10)
    hand.nowMs += RTT_MS
    hand.say({ sack: [block(8, 9), block(5, 6), block(2, 3)] })
    hand.say({ sack: [block(8, 10), block(5, 6), block(2, 3)] })
    const missing = [0, 1, 3, 4, 6, 7].map(i => `${pastFull(i)}+${FULL}`)
    const all: string[] = []
    for (let i = 0; i < 6; i++) {
      all.push(...brief(hand.take()))
      hand.nowMs += RTT_MS
      hand.say({ ack: pastFull(at([1, 3, 4, 6, 7, 10], i)), sack: [] })
    }
    expect(all).toEqual(missing)
  })

  test('duplicates make it wait longer (6.2, step 4)', () => {
    const wait = (duplicates: number): number => {
      const hand = sending(10)
      hand.nowMs += RTT_MS
      hand.say({ sack: [block(1, 2)] }).say({ ack: pastFull(2) })
      for (let i = 0; i < duplicates; i++) {
        hand.say({ sack: [block(0, 1)] })
        hand.say({ ack: pastFull(3 + i) })
      }
      hand
        .say({ ack: pastFull(10) })
        .write(5 * FULL)
        .take()
      hand.nowMs += RTT_MS
      hand.say({ sack: [block(11, 15)] })
      return at(hand.wait(30), 0).atMs - 3 * RTT_MS
    }
    expect(wait(0)).toBeCloseTo(5, 5)
    expect(wait(1)).toBeCloseTo(10, 5)
  })

  test('in recovery the window shrinks to seven tenths', () => {
    const hand = sending(10)
    hand.nowMs += RTT_MS
    hand.say({ sack: [block(1, 4)] }).take()
    hand.nowMs += RTT_MS
    hand.say({ ack: pastFull(10) })
    expect(hand.stream.statistics.congestionWindow).toBeCloseTo(7 * FULL, -3)
    expect(hand.stream.statistics.recoveries).toBe(1)
  })
})
