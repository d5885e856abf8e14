import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { Returns } from './returns.ts'

const [WIFI, MOBILE] = [1, 2]
const FIRST_MS = 5000

/** Leaves the address again and again, each time so long after the flow might return. Returns the waits. */
function waits(times: number, heldMs: number): number[] {
  const returns = new Returns(FIRST_MS)
  const all: number[] = []
  for (let nowMs = 0; all.length < times; nowMs = returns.dueMs(WIFI) + heldMs) {
    returns.left(WIFI, nowMs, 0)
    all.push(returns.dueMs(WIFI) - nowMs)
  }
  return all
}

describe('a flow that has left an address', () => {
  test('waits twice as long each time that the address does not hold, up to five minutes', () => {
    const expected = [5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]
    expect(waits(8, 1000)).toEqual(expected)
  })

  test('trusts an address again that has held for a minute', () => {
    expect(waits(3, 60_000)).toEqual([5000, 5000, 5000])
  })

  test('waits anew each time that the address appears, as long as before', () => {
    const returns = new Returns(FIRST_MS)
    returns.left(WIFI, 0, 0)
    for (const nowMs of [1000, 3000, 7900]) returns.appeared(WIFI, nowMs, 0)
    expect(returns.dueMs(WIFI)).toBe(12_900)
  })

  test('may go to any other address immediately', () => {
    const returns = new Returns(FIRST_MS)
    returns.left(WIFI, 1000, 0)
    returns.appeared(MOBILE, 1000, 0)
    expect(returns.dueMs(MOBILE)).toBe(0)
  })

  test('remembers 16 addresses, and forgets the one that it left first', () => {
    const returns = new Returns(FIRST_MS)
    for (let address = 1; address <= 17; address++) returns.left(address, 0, 0)
    expect([returns.dueMs(1), returns.dueMs(2), returns.dueMs(17)]).toEqual([0, 5000, 5000])
  })

  test('looks next when the first of its waits ends', () => {
    const returns = new Returns(FIRST_MS)
    returns.left(WIFI, 0, 0)
    returns.left(MOBILE, 2000, 0)
    expect([0, 5000, 7000].map(nowMs => returns.nextMs(nowMs))).toEqual([5000, 7000, Infinity])
  })
})

const anyFlap = fc.tuple(fc.integer({ min: 1, max: 30_000 }), fc.double({ min: 0, max: 1, noNaN: true }))

test.prop([fc.array(anyFlap)])(
  'a network that is never up for longer than 30 s gets a flow back three times at most',
  flaps => {
    const returns = new Returns(FIRST_MS)
    let nowMs = 0
    let isThere = true
    let count = 0
    for (const [upMs, chance] of flaps) {
      if (isThere) returns.left(WIFI, nowMs, chance)
      nowMs += 500
      returns.appeared(WIFI, nowMs, chance)
      nowMs += upMs
      isThere = nowMs >= returns.dueMs(WIFI)
      if (isThere) count++
    }
    // 5, 10 and 20 s. The next wait is 40 s.
    expect(count).toBeLessThanOrEqual(3)
  },
)
