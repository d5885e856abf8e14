import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { RTO_INITIAL_MS, RTO_LEAST_MS, RTO_MOST_MS } from './limits.ts'
import { RoundTrip } from './rto.ts'
import { Hand, type Said } from './testing/hand.ts'

/** Each sample is of a segment that was sent after the one before arrived. */
let nowMs = 0
const later = () => (nowMs += 1e13)

describe('RFC 6298', () => {
  test('2.1: one second before the first measurement', () => {
    expect(new RoundTrip().timeoutMs).toBe(1000)
  })

  test('5.7: three seconds after a retransmitted SYN, until the first measurement', () => {
    const roundTrip = new RoundTrip()
    roundTrip.unmeasured()
    expect(roundTrip.timeoutMs).toBe(3000)
    roundTrip.sample(400, 1, later())
    expect(roundTrip.timeoutMs).toBe(1200)
  })

  test('2.2: the first sample plus four times half of it', () => {
    const roundTrip = new RoundTrip()
    roundTrip.sample(400, 1, later())
    expect(roundTrip).toMatchObject({ smoothedMs: 400, variationMs: 200, timeoutMs: 1200 })
  })

  test('2.3: later samples update the deviation with the old mean first', () => {
    const roundTrip = new RoundTrip()
    roundTrip.sample(400, 1, later())
    roundTrip.sample(800, 1, later())
    expect(roundTrip).toMatchObject({
      variationMs: 0.75 * 200 + 0.25 * 400,
      smoothedMs: 0.875 * 400 + 0.125 * 800,
    })
    expect(roundTrip.timeoutMs).toBe(450 + 4 * 250)
  })

  test('2.4: never less than 200 ms; 2.5: never more than 120 s', () => {
    const roundTrip = new RoundTrip()
    for (let i = 0; i < 50; i++) roundTrip.sample(1, 1, later())
    expect(roundTrip.timeoutMs).toBe(RTO_LEAST_MS)
    for (let i = 0; i < 50; i++) roundTrip.sample(1e9, 1, later())
    expect(roundTrip.timeoutMs).toBe(RTO_MOST_MS)
  })

  test('5.5: doubles, until the next sample', () => {
    const roundTrip = new RoundTrip()
    const waits = Array.from({ length: 10 }, () => {
      roundTrip.backOff()
      return roundTrip.timeoutMs / 1000
    })
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 120, 120, 120, 120])
    roundTrip.sample(100, 1, later())
    expect(roundTrip.timeoutMs).toBe(300)
  })
})

describe('a stall of a minute', () => {
  const [STALL_MS, RTT_MS, FULL] = [60_000, 20, 1000]

  /** The stream is not called for a minute, and finds the acknowledgments of everything when it goes on. */
  test.each([
    ['of one segment', 1],
    ['of a window', 10],
  ])('of the process leaves no long timeout, with acknowledgments %s', (_, count) => {
    const hand = new Hand({ roundTripMs: RTT_MS }).write(count * FULL)
    hand.take()
    hand.nowMs += STALL_MS
    for (let i = 1; i <= count; i++) hand.say({ ack: 1 + i * FULL })
    expect(hand.stream.statistics.timeoutMs).toBeLessThan(1500)
  })

  test('of the network leaves no long timeout', () => {
    const hand = new Hand({ roundTripMs: RTT_MS }).write(FULL)
    const [{ tsval }] = hand.take() as [Said]
    hand.wait(STALL_MS)
    hand.say({ ack: 1 + FULL, tsecr: tsval })
    expect(hand.stream.statistics.timeoutMs).toBeLessThan(1500)
  })

  test('during the handshake leaves one of seconds', () => {
    expect(new Hand({ roundTripMs: STALL_MS }).stream.statistics.timeoutMs).toBeLessThanOrEqual(6000)
  })

  test('is not the same as a path that has become slow: the timeout exceeds its round trip after six of them', () => {
    const roundTrip = new RoundTrip()
    for (let i = 0; i < 50; i++) roundTrip.sample(RTT_MS, 1, later())
    for (let i = 0; i < 6; i++) roundTrip.sample(10_000, 1, later())
    expect(roundTrip.timeoutMs).toBeGreaterThan(10_000)
  })
})

test('RFC 7323, appendix G: many samples in a round trip count as one', () => {
  const [one, many] = [new RoundTrip(), new RoundTrip()]
  for (const roundTrip of [one, many]) roundTrip.sample(100, 1, later())
  one.sample(200, 1, later())
  for (let i = 0; i < 20; i++) many.sample(200, 20, later())
  expect(many.smoothedMs).toBeGreaterThan(110)
  expect(many.smoothedMs).toBeLessThan(one.smoothedMs)
  expect(many.variationMs).toBeGreaterThan(55)
})

test('a new path is unmeasured', () => {
  const roundTrip = new RoundTrip()
  roundTrip.sample(5, 1, later())
  roundTrip.backOff()
  roundTrip.restart()
  expect(roundTrip).toEqual(new RoundTrip())
  expect(roundTrip.timeoutMs).toBe(RTO_INITIAL_MS)
})

test('the timeout is always within its bounds', () => {
  const sample = fc.double({ min: -1e6, max: 1e12, noNaN: true })
  const property = fc.property(
    fc.array(fc.tuple(sample, fc.double({ min: 0, max: 1e4, noNaN: true }))),
    samples => {
      const roundTrip = new RoundTrip()
      for (const [ms, perRound] of samples) {
        roundTrip.sample(ms, perRound, later())
        expect(roundTrip.timeoutMs).toBeGreaterThanOrEqual(RTO_LEAST_MS)
        expect(roundTrip.timeoutMs).toBeLessThanOrEqual(RTO_MOST_MS)
      }
    },
  )
  fc.assert(property)
})
