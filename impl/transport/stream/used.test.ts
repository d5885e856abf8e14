/**
 * When the congestion window counts as used, and may therefore grow (RFC 7661, RFC 9438); and slow start after
 * HyStart++.
 */

import { describe, expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { Hand } from './testing/hand.ts'
import { Pipe } from './testing/pipe.ts'
import { FULL, pastFull, sending } from './testing/sending.ts'

const windowOf = (hand: Hand): number => hand.stream.statistics.congestionWindow / FULL

describe('the congestion window grows', () => {
  test('when the data fills it exactly', () => {
    const hand = sending(10)
    hand.nowMs += 20
    hand.say({ ack: pastFull(10) })
    expect(windowOf(hand)).toBe(20)
  })

  test('when less than a full segment of room is left', () => {
    const hand = new Hand().write(9.5 * FULL)
    hand.take()
    hand.nowMs += 20
    expect(windowOf(hand.say({ ack: 1 + 9.5 * FULL }))).toBe(19.5)
  })

  test('not when there is room for another segment', () => {
    const hand = sending(9)
    hand.nowMs += 20
    expect(windowOf(hand.say({ ack: pastFull(9) }))).toBe(10)
  })

  test('not for data sent later, with room to spare', () => {
    const hand = sending(10)
    hand.nowMs += 20
    hand
      .say({ ack: pastFull(10) })
      .write(5 * FULL)
      .take()
    hand.nowMs += 20
    expect(windowOf(hand.say({ ack: pastFull(15) }))).toBe(20)
  })

  test("not when the peer's window was the limit", () => {
    const hand = new Hand({ peerWindow: 5 * FULL }).write(20 * FULL)
    hand.take()
    hand.nowMs += 20
    expect(windowOf(hand.say({ ack: pastFull(5) }))).toBe(10)
  })
})

test('after HyStart++ slowed the first slow start, later ones run at full speed (RFC 9406, 4.2)', () => {
  const there = { latencyMs: 40, rate: 20e6, queueBytes: 1e6 }
  const pipe = new Pipe({ there, back: { latencyMs: 40 } }).open()
  const { client, server } = pipe
  let left = 0
  server.stream.user = {
    onReadable: () => {
      for (let bytes = server.stream.read(); bytes !== undefined; bytes = server.stream.read())
        left -= bytes.length
    },
  }
  const times = [0, 1, 2].map(() => {
    left = 2e6
    const { nowMs } = pipe
    client.stream.write(new Uint8Array(left))
    pipe.run(nowMs + 60_000, () => left === 0)
    const took = pipe.nowMs - nowMs
    pipe.run(pipe.nowMs + 2000)
    return took
  })
  expect(Math.max(...times)).toBeLessThan(1.1 * at(times, 0))
})
