/** Losses found by timeouts and by duplicate acknowledgments. */

import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import type { HandOptions } from './testing/hand.ts'
import { brief, timed } from './testing/said.ts'
import { block, FULL, pastFull, RTT_MS, sending } from './testing/sending.ts'

describe('timeouts (RFC 6298, 5)', () => {
  test('double each time, and only the first segment is retransmitted', () => {
    const hand = sending(3, { peerSack: false })
    // 20 ms + 4 * 10 ms is below the minimum.
    expect(timed(hand.wait(7000), RTT_MS)).toEqual(
      [200, 600, 1400, 3000, 6200].map(ms => `${ms}ms 1+${FULL}`),
    )
    expect(hand.stream.statistics).toMatchObject({ timeouts: 5, timeoutMs: 6400, congestionWindow: FULL })
  })

  test('never wait longer than two minutes', () => {
    const hand = sending(1, { peerSack: false })
    const times = hand.wait(1e6).map(({ atMs }) => atMs)
    expect(must(times.at(-1)) - must(times.at(-2))).toBe(120_000)
  })

  test('restart with each acknowledgment of something new (5.3)', () => {
    const hand = sending(3, { peerSack: false })
    hand.wait(150)
    hand.say({ ack: pastFull(1) })
    expect(hand.wait(199)).toEqual([])
    expect(brief(hand.wait(200))).toEqual([`${pastFull(1)}+${FULL}`])
  })

  test('stop when everything is acknowledged (5.2)', () => {
    const hand = sending(3).say({ ack: pastFull(3) })
    expect(hand.stream.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
  })

  test('are followed by slow start for the remaining segments', () => {
    const hand = sending(4, { peerSack: false })
    hand.wait(200)
    hand.say({ ack: pastFull(1) })
    expect(brief(hand.take())).toEqual([`${pastFull(1)}+${FULL}`, `${pastFull(2)}+${FULL}`])
  })

  test('leave the threshold alone when the same segment times out again (RFC 5681, 3.1)', () => {
    const hand = sending(10, { peerSack: false })
    hand.wait(200)
    const { slowStartThreshold } = hand.stream.statistics
    expect(slowStartThreshold).toBeCloseTo(7 * (FULL - 0), -3)
    hand.wait(400)
    expect(hand.stream.statistics.slowStartThreshold).toBe(slowStartThreshold)
  })

  test('that were spurious are detected by the timestamp and undone (RFC 3522, RFC 4015)', () => {
    const hand = sending(4, { peerSack: false })
    const { congestionWindow } = hand.stream.statistics
    const tsecr = hand.nowMs
    hand.wait(200)
    hand.say({ ack: pastFull(1), tsecr })
    expect(hand.stream.statistics).toMatchObject({ spuriousRecoveries: 1 })
    expect(hand.stream.statistics.congestionWindow).toBeGreaterThanOrEqual(congestionWindow)
    // Segments that were marked lost are not retransmitted.
    expect(hand.take()).toEqual([])
    expect(hand.say({ ack: pastFull(4), tsecr }).stream.statistics.inFlight).toBe(0)
  })

  test('make the sender distrust SACKs, because the peer may have discarded those bytes (RFC 2018, 8)', () => {
    const hand = sending(3)
    hand.say({ sack: [block(1, 3)] })
    hand.nowMs += RTT_MS
    hand.say({ ack: pastFull(1) }).take()
    // By its own SACKs the peer lacks only the first segment, yet it never proceeds.
    expect(new Set(brief(hand.wait(5000)))).toContain(`${pastFull(1)}+${FULL}`)
    hand.say({ ack: pastFull(2) })
    expect(brief(hand.wait(1000))).toContain(`${pastFull(2)}+${FULL}`)
  })
})

describe('round trips', () => {
  test('of a segment sent twice are measured by timestamp, or not at all (Karn)', () => {
    const options = { peerSack: false, peerTimestamps: false }
    const hand = sending(1, options)
    hand.wait(205)
    hand.say({ ack: pastFull(1) })
    expect(hand.stream.statistics.roundTripMs).toBe(RTT_MS)
    const stamped = sending(1, { peerSack: false })
    stamped.wait(205)
    stamped.say({ ack: pastFull(1) })
    // 5 ms since the second sending: an eighth of the way from 20 to 5.
    expect(stamped.stream.statistics.roundTripMs).toBeCloseTo(RTT_MS - 15 / 8, 5)
  })
})

describe('duplicate acknowledgments of a peer without SACK (RFC 5681, 3.2)', () => {
  const options: HandOptions = { peerSack: false, peerTimestamps: false, peerMss: FULL }

  test('the third retransmits the first segment, from any initial sequence number (D14)', () => {
    const number = fc.oneof(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 5000, 2 ** 32 - 1),
    )
    const property = fc.property(number, initialSequence => {
      const hand = sending(8, { ...options, initialSequence })
      hand.nowMs += RTT_MS
      hand.say().say()
      expect(hand.take()).toEqual([])
      hand.say()
      expect(brief(hand.take())).toEqual([`1+${FULL}`])
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('an acknowledgment with data or another window is no duplicate', () => {
    const hand = sending(8, options)
    hand.say({ size: 1 }).say({ window: 50_000 }).say({ window: 40_000 }).say({ window: 60_000 })
    expect(hand.take().filter(({ size }) => size > 0)).toEqual([])
  })

  test('each partial acknowledgment retransmits the next lost segment (RFC 6582)', () => {
    const hand = sending(10, options)
    hand.nowMs += RTT_MS
    hand.say().say().say()
    expect(brief(hand.take())).toEqual([`1+${FULL}`])
    hand.nowMs += RTT_MS
    hand.say({ ack: pastFull(4) })
    expect(brief(hand.take())[0]).toBe(`${pastFull(4)}+${FULL}`)
    hand.say({ ack: pastFull(10) })
    expect(hand.stream.statistics).toMatchObject({ recoveries: 1, timeouts: 0, inFlight: 0 })
  })

  test('duplicates caused by needless retransmissions after a timeout are ignored (RFC 6582, 3.2)', () => {
    const hand = sending(8, options)
    hand.wait(200)
    hand.say({ ack: pastFull(8) })
    hand.write(5 * FULL).take()
    hand.say().say().say().say()
    expect(hand.take()).toEqual([])
    expect(hand.stream.statistics.recoveries).toBe(1)
  })
})

test('an acknowledgment of data sent out of order counts in full', () => {
  const hand = sending(5)
  hand.say({ ack: pastFull(5), window: 1000 }).say({ ack: pastFull(2), window: 60_000 })
  expect(hand.stream.statistics).toMatchObject({ inFlight: 0, peerWindow: 1000, wrongAcknowledgments: 0 })
})
