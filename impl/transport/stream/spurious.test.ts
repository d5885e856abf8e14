/** Spurious recoveries, detected without timestamps: by D-SACK (RFC 3708) and by F-RTO (RFC 5682). */
import { describe, expect, test } from 'vitest'
import { TIMESTAMP_BYTES } from './limits.ts'
import { brief } from './testing/said.ts'
import { block, FULL, pastFull, sending } from './testing/sending.ts'

const PLAIN = { peerTimestamps: false, peerMss: FULL }

describe('a spurious timeout (RFC 5682, 2.1)', () => {
  test.each([true, false])('is detected by new segments between two acknowledgments: SACK %s', peerSack => {
    const hand = sending(10, { ...PLAIN, peerSack, peerWindow: 65_000 })
    const { congestionWindow, slowStartThreshold } = hand.stream.statistics
    while (hand.stream.statistics.timeouts === 0) hand.wait(10)
    hand.write(10 * FULL)
    hand.take()
    hand.say({ ack: pastFull(2) })
    // Two new segments leave instead of the ones marked lost.
    expect(brief(hand.take())).toEqual([`${pastFull(10)}+${FULL}`, `${pastFull(11)}+${FULL}`])
    hand.say({ ack: pastFull(4) })
    const { statistics } = hand.stream
    expect(statistics).toMatchObject({ spuriousRecoveries: 1, timeouts: 1, slowStartThreshold })
    expect(statistics.congestionWindow).toBeGreaterThanOrEqual(congestionWindow)
    const next = brief(hand.take())
    for (const i of [4, 5, 6, 7, 8]) expect(next).not.toContain(`${pastFull(i)}+${FULL}`)
  })

  test.each([
    true,
    false,
  ])('is ruled out when the second acknowledgment brings nothing: SACK %s', peerSack => {
    const hand = sending(10, { ...PLAIN, peerSack })
    while (hand.stream.statistics.timeouts === 0) hand.wait(10)
    hand.write(10 * FULL)
    hand.say({ ack: pastFull(1) })
    expect(brief(hand.take())).toEqual([`${pastFull(10)}+${FULL}`, `${pastFull(11)}+${FULL}`])
    hand.say({ ack: pastFull(1), ...(peerSack ? { sack: [block(10, 11)] } : {}) })
    expect(brief(hand.take())[0]).toBe(`${pastFull(1)}+${FULL}`)
    hand.say({ ack: pastFull(3) })
    expect(hand.stream.statistics).toMatchObject({ spuriousRecoveries: 0, timeouts: 1 })
  })

  test('is not tested for without new data to send', () => {
    const hand = sending(10, PLAIN)
    while (hand.stream.statistics.timeouts === 0) hand.wait(10)
    hand.say({ ack: pastFull(1) })
    expect(brief(hand.take())[0]).toBe(`${pastFull(1)}+${FULL}`)
    hand.say({ ack: pastFull(3) })
    expect(hand.stream.statistics.spuriousRecoveries).toBe(0)
  })

  test('is not tested for in a second timeout', () => {
    const hand = sending(10, PLAIN).write(10 * FULL)
    while (hand.stream.statistics.timeouts < 2) hand.wait(10)
    hand.say({ ack: pastFull(1) })
    expect(brief(hand.take())[0]).toBe(`${pastFull(1)}+${FULL}`)
  })
})

describe('a spurious recovery', () => {
  /** Segments 0 to 2 are late: 3 to 5 arrive before them, and 0 to 2 are retransmitted as if lost. */
  function reordered() {
    const hand = sending(10, PLAIN)
    hand.nowMs += 20
    hand.say({ ack: 1, sack: [block(3, 6)] })
    hand.wait(10)
    const repeated = hand.stream.statistics.segmentsRepeated
    expect(repeated).toBe(3)
    expect(hand.stream.statistics).toMatchObject({ recoveries: 1, congestionWindow: 7 * FULL })
    return hand
  }

  test('is undone when every retransmission was a duplicate', () => {
    const hand = reordered()
    hand.say({ ack: pastFull(10) })
    for (const i of [0, 1]) hand.say({ sack: [block(i, i + 1)] })
    expect(hand.stream.statistics).toMatchObject({ spuriousRecoveries: 0, congestionWindow: 7 * FULL })
    hand.say({ sack: [block(2, 3)] })
    expect(hand.stream.statistics).toMatchObject({ spuriousRecoveries: 1, duplicatesReported: 3 })
    expect(hand.stream.statistics.congestionWindow).toBeGreaterThanOrEqual(10 * FULL)
  })

  test.each([
    true,
    false,
  ])('stands when only the probe before it was a duplicate: timestamps %s', peerTimestamps => {
    const full = peerTimestamps ? FULL - TIMESTAMP_BYTES : FULL
    const hand = sending(10, { peerTimestamps, peerMss: FULL })
    while (hand.stream.statistics.tailProbes === 0) hand.wait(10)
    const probe = hand.stream.statistics.bytesRepeated
    // The first segment is lost. The probe repeated the end of the last one needlessly.
    const end = pastFull(10)
    hand.nowMs += 5
    hand.say({ ack: 1, sack: [[1 + full, end]] })
    hand.wait(10)
    expect(hand.stream.statistics).toMatchObject({ recoveries: 1, bytesRepeated: probe + full })
    const { congestionWindow } = hand.stream.statistics
    const duplicate = (from: number, to: number) =>
      hand.say({
        sack: [
          [from, to],
          [1 + full, end],
        ],
      })
    for (let at = end - probe; at < end; at += full) duplicate(at, Math.min(at + full, end))
    expect(hand.stream.statistics).toMatchObject({ spuriousRecoveries: 0, congestionWindow })
  })

  test('stands when any retransmission was needed', () => {
    const hand = reordered()
    hand.say({ ack: pastFull(10) })
    for (const i of [0, 1]) hand.say({ sack: [block(i, i + 1)] })
    // Later data is acknowledged, so no report about the third segment can come.
    hand.write(2 * FULL).take()
    hand
      .say({ ack: pastFull(12) })
      .write(FULL)
      .take()
    hand.say({ ack: pastFull(13), sack: [block(2, 3)] })
    expect(hand.stream.statistics.spuriousRecoveries).toBe(0)
  })
})
