/** An outage ends: whatever has timed out leaves at the first sign of it. */
import { describe, expect, test } from 'vitest'
import { Hand } from './testing/hand.ts'
import { Pipe } from './testing/pipe.ts'
import { brief } from './testing/said.ts'

const FULL = 1000
const RTT_MS = 20
const OUTAGE_MS = 17_000

/** A stream whose segment has timed out several times within the outage. */
function backedOff(): Hand {
  const hand = new Hand({ roundTripMs: RTT_MS }).write(FULL)
  hand.take()
  hand.wait(OUTAGE_MS)
  expect(hand.stream.nextTimeout()).toBeGreaterThan(hand.nowMs + 5000)
  return hand
}

/** Returns the segments that leave within one round trip. */
const soon = (hand: Hand): string[] => brief(hand.wait(RTT_MS))

describe('after timeouts', () => {
  test('the first segment from a silent peer restarts retransmission, with the first timeout', () => {
    const hand = backedOff()
    hand.say({ ack: 1 })
    expect(soon(hand)).toEqual([`1+${FULL}`])
    expect(hand.stream.statistics.timeoutMs).toBe(400)
  })

  test('an acknowledgment of new bytes after a silence times nothing out again', () => {
    const hand = new Hand({ roundTripMs: RTT_MS, peerTimestamps: false }).write(3 * FULL)
    hand.take()
    hand.wait(OUTAGE_MS)
    const { timeouts } = hand.stream.statistics
    hand.say({ ack: 1 + FULL })
    hand.wait(RTT_MS)
    expect(hand.stream.statistics.timeouts).toBe(timeouts)
    expect(hand.stream.statistics.timeoutMs).toBe(200)
    expect(hand.stream.nextTimeout()).toBeLessThanOrEqual(hand.nowMs + 200)
  })

  test('so does a retry, which also gives the peer a sign of life', () => {
    const hand = backedOff()
    hand.stream.retry(hand.nowMs)
    expect(hand.take().map(({ size }) => size)).toEqual([0])
    expect(soon(hand)).toEqual([`1+${FULL}`])
  })

  test('segments of a peer that sends all the time do not: it may be deaf', () => {
    const hand = new Hand({ roundTripMs: RTT_MS }).write(FULL)
    hand.take()
    for (let i = 0; i < 170; i++) {
      hand.wait(100)
      hand.say({ ack: 1, size: 1 }).take()
    }
    expect(hand.stream.statistics.timeouts).toBe(6)
  })

  test('a retry before the first timeout retransmits nothing', () => {
    const hand = new Hand({ roundTripMs: RTT_MS }).write(FULL)
    hand.take()
    hand.stream.retry(hand.nowMs)
    expect(hand.wait(RTT_MS).map(({ size }) => size)).toEqual([0])
    expect(hand.stream.statistics.timeouts).toBe(0)
  })
})

test('a retry asks for an answer before the timeout, although a segment got lost', () => {
  const pipe = new Pipe({ there: { latencyMs: RTT_MS / 2 } }).open()
  pipe.client.path.isCut = true
  pipe.client.stream.write(new Uint8Array(FULL))
  pipe.run(pipe.nowMs + RTT_MS)
  pipe.client.path.isCut = false
  const { segmentsReceived } = pipe.client.stream
  pipe.client.stream.retry(pipe.nowMs)
  pipe.run(pipe.nowMs + RTT_MS)
  expect(pipe.client.stream.segmentsReceived).toBe(segmentsReceived + 1)
})

test('a closed window is probed at once', () => {
  const hand = new Hand({ roundTripMs: RTT_MS, peerWindow: 0 }).write(FULL)
  hand.wait(OUTAGE_MS)
  const { windowProbes } = hand.stream.statistics
  hand.stream.retry(hand.nowMs)
  hand.take()
  expect(hand.stream.statistics.windowProbes).toBe(windowProbes + 1)
})

test.each([
  ['the sender', 'client'],
  ['the receiver', 'server'],
] as const)('a transfer continues within a round trip of an outage that %s notices', (_, noticing) => {
  const pipe = new Pipe({ there: { latencyMs: RTT_MS / 2 } }).open()
  pipe.client.stream.write(new Uint8Array(100 * FULL))
  pipe.run(pipe.nowMs + 30)
  for (const end of [pipe.client, pipe.server]) end.path.isCut = true
  pipe.run(pipe.nowMs + OUTAGE_MS)
  for (const end of [pipe.client, pipe.server]) end.path.isCut = false
  const before = pipe.server.stream.readable
  const back = pipe.nowMs
  pipe[noticing].stream.retry(back)
  pipe.run(back + 5000, () => pipe.server.stream.readable > before)
  expect(pipe.nowMs - back).toBeLessThanOrEqual(RTT_MS)
})
