import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Retransmission, RTO_INITIAL_MS, RTO_LEAST_MS, RTO_MOST_MS, TRIES_LIMIT } from './rtt.ts'

const roundTrip = (control: Retransmission, sentMs: number, roundTripMs: number): void => {
  control.sent(sentMs)
  control.answered(sentMs + roundTripMs)
}

test('waits for the times of the protocol', () => {
  const control = new Retransmission()
  control.sent(0)
  const waits = [control.timeoutMs]
  while (control.expired()) waits.push(control.timeoutMs)
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, ...Array(8).fill(120)].map(seconds => seconds * 1000))
  expect(waits).toHaveLength(TRIES_LIMIT)
  expect(control.tries).toBe(TRIES_LIMIT)
  expect(control.expired()).toBe(false)
})

test('before the first measurement, chance adds up to a half to each wait', () => {
  const waits = (chance: number): number[] => {
    const control = new Retransmission(chance)
    control.sent(0)
    const seen = [control.waitMs]
    while (control.expired(5)) seen.push(control.waitMs)
    return seen.map((ms, i) => ms / (1000 * 2 ** i))
  }
  const all = Array.from({ length: 1000 }, (_, chance) => waits(chance))
  for (const share of all.flat()) expect([share >= 1, share < 1.5]).toEqual([true, true])
  // Each tenth of the range gets its share, at the first transmission and at the last.
  for (const at of [0, 4]) {
    const tenths = Array(10).fill(0)
    for (const one of all) tenths[Math.floor(20 * ((one[at] ?? 0) - 1))]++
    for (const count of tenths) expect(count).toBeGreaterThan(80)
  }
  expect(waits(7)).toEqual(waits(7))
})

test('after the first measurement no wait is random', () => {
  const control = new Retransmission(7)
  roundTrip(control, 0, 400)
  control.sent(1000)
  control.expired()
  expect(control.waitMs).toBe(control.timeoutMs)
})

test('may give up earlier', () => {
  const control = new Retransmission()
  control.sent(0)
  expect([control.expired(2), control.expired(2)]).toEqual([true, false])
})

describe('RFC 6298', () => {
  test('2.2: the first measurement', () => {
    const control = new Retransmission()
    expect(control.smoothedMs).toBe(-1)
    roundTrip(control, 5, 400)
    expect(control.smoothedMs).toBe(400)
    expect(control.timeoutMs).toBe(400 + 4 * 200)
  })

  test('2.3: a later one', () => {
    const control = new Retransmission()
    roundTrip(control, 0, 400)
    roundTrip(control, 1000, 800)
    expect(control.smoothedMs).toBe(400 + 400 / 8)
    expect(control.timeoutMs).toBe(450 + 4 * (200 * 0.75 + 400 * 0.25))
  })

  test('2: the clock has a granularity, 2.4 and 2.5: minimum and maximum', () => {
    const control = new Retransmission()
    for (let i = 0; i < 200; i++) roundTrip(control, i * 1000, 500)
    expect(control.timeoutMs).toBeCloseTo(501, 6)
    for (let i = 0; i < 200; i++) roundTrip(control, i * 1000, 0.1)
    expect([control.timeoutMs, RTO_LEAST_MS]).toEqual([200, 200])
    roundTrip(control, 0, 10 * RTO_MOST_MS)
    expect(control.timeoutMs).toBe(RTO_MOST_MS)
  })

  test('3 and 5: the answer to a retransmission measures nothing, and the doubled timeout stays until a measurement', () => {
    const control = new Retransmission()
    control.sent(0)
    control.expired()
    control.answered(1500)
    expect([control.timeoutMs, control.smoothedMs]).toEqual([2 * RTO_INITIAL_MS, -1])
    roundTrip(control, 5000, 100)
    expect([control.timeoutMs, control.smoothedMs]).toEqual([300, 100])
  })
})

test('a new path starts over with all tries, and packets of the old one do not measure it', () => {
  const control = new Retransmission()
  roundTrip(control, 0, 50)
  control.sent(100)
  control.restart()
  expect([control.timeoutMs, control.smoothedMs]).toEqual([RTO_INITIAL_MS, -1])
  control.answered(90_000)
  expect(control.smoothedMs).toBe(-1)
  control.sent(0)
  control.expired()
  control.restart()
  let tries = 0
  while (control.expired()) tries++
  expect(tries).toBe(TRIES_LIMIT)
})

test('an answer without a packet measures nothing', () => {
  const control = new Retransmission()
  control.answered(7)
  roundTrip(control, 10, 20)
  control.answered(10_000)
  expect(control.smoothedMs).toBe(20)
})

type Step = readonly ['sent' | 'answered' | 'expired' | 'replaced' | 'restart', number]

/** The RFC's formulas, computed from the whole history each time. */
function byTheBook(steps: readonly Step[]): { timeoutMs: number; smoothedMs: number } {
  const clamp = (ms: number) => Math.max(RTO_LEAST_MS, Math.min(RTO_MOST_MS, ms))
  let estimate: { srtt: number; rttvar: number } | undefined
  let timeoutMs = RTO_INITIAL_MS
  let tries = 0
  for (const [i, [act, at]] of steps.entries()) {
    const [before, sentAt] = steps[i - 1] ?? ['nothing', 0]
    if (act === 'expired' && tries < TRIES_LIMIT) timeoutMs = clamp(timeoutMs * 2)
    if (act === 'answered' && before === 'sent') {
      const r = at - sentAt
      estimate = estimate
        ? {
            rttvar: 0.75 * estimate.rttvar + 0.25 * Math.abs(estimate.srtt - r),
            srtt: 0.875 * estimate.srtt + 0.125 * r,
          }
        : { srtt: r, rttvar: r / 2 }
      timeoutMs = clamp(estimate.srtt + Math.max(1, 4 * estimate.rttvar))
    }
    if (act === 'replaced')
      timeoutMs = estimate ? clamp(estimate.srtt + Math.max(1, 4 * estimate.rttvar)) : RTO_INITIAL_MS
    if (act === 'restart') [estimate, timeoutMs] = [undefined, RTO_INITIAL_MS]
    tries = act === 'sent' ? 1 : act === 'expired' ? Math.min(tries + 1, TRIES_LIMIT) : 0
  }
  return { timeoutMs, smoothedMs: estimate?.srtt ?? -1 }
}

test("equals the RFC's estimate after any history", () => {
  const step = fc.tuple(
    fc.constantFrom('sent', 'answered', 'sent', 'answered', 'expired', 'replaced', 'restart'),
    fc.oneof(fc.nat(500), fc.nat(200_000)),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), drawn => {
      const control = new Retransmission()
      let now = 0
      const steps = drawn.map(([act, later]) => {
        now += later
        return [act, now] as Step
      })
      for (const [act, at] of steps) {
        if (act === 'sent') control.sent(at)
        else if (act === 'answered') control.answered(at)
        else if (act === 'expired') control.expired()
        else control[act]()
      }
      const expected = byTheBook(steps)
      // It counts whole microseconds.
      expect(Math.abs(control.timeoutMs / expected.timeoutMs - 1)).toBeLessThan(1e-4)
      expect(control.smoothedMs).toBeCloseTo(expected.smoothedMs, 2)
    }),
    { numRuns: 300 },
  )
})
