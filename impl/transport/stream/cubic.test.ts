import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { Cubic } from './cubic.ts'

const MSS = 1000
const RTT_MS = 100

/** Acknowledges one whole window per round trip; returns the window after each, in segments. */
function rounds(cubic: Cubic, count: number, fromMs = 0, roundTripMs = RTT_MS): number[] {
  const windows: number[] = []
  for (let round = 0; round < count; round++) {
    const segments = Math.floor(cubic.window / MSS)
    for (let i = 0; i < segments; i++) cubic.grow(MSS, fromMs + round * roundTripMs, roundTripMs, 1)
    windows.push(cubic.window / MSS)
  }
  return windows
}

/** Returns a window in congestion avoidance after a loss at `segments`. */
function afterLoss(segments: number): Cubic {
  const cubic = new Cubic(MSS)
  cubic.window = segments * MSS
  cubic.reduce()
  return cubic
}

describe('slow start', () => {
  test('begins with ten segments (RFC 6928) and doubles in a round trip (RFC 5681, 3.1)', () => {
    expect(rounds(new Cubic(MSS), 4)).toEqual([20, 40, 80, 160])
  })

  test('ends at the threshold', () => {
    const cubic = new Cubic(MSS)
    cubic.threshold = 15 * MSS
    rounds(cubic, 1)
    expect(cubic.window / MSS).toBeGreaterThanOrEqual(15)
    expect(cubic.window / MSS).toBeLessThan(16)
  })
})

describe('RFC 9438', () => {
  test('4.6: seven tenths remain, and never less than two segments', () => {
    const cubic = afterLoss(100)
    expect([cubic.window, cubic.threshold]).toEqual([70 * MSS, 70 * MSS])
    for (let i = 0; i < 30; i++) cubic.reduce()
    expect(cubic.window).toBe(2 * MSS)
  })

  test('4.2: after K seconds the window is back at its size before the loss, and nearly flat', () => {
    const cubic = afterLoss(1000)
    const seconds = Math.cbrt((1000 - 700) / 0.4)
    const windows = rounds(cubic, Math.floor((seconds * 1000) / RTT_MS))
    expect(must(windows.at(-1)) / 1000).toBeCloseTo(1, 2)
    const steps = windows.map((window, i) => window - (windows[i - 1] ?? 700))
    // Growth starts at 3 C K^2 segments per second.
    expect(steps[1]).toBeGreaterThan(0.9 * 3 * 0.4 * seconds ** 2 * (RTT_MS / 1000))
    expect(steps.at(-1)).toBeLessThan(1)
    // Beyond the old window it probes for more, slowly at first.
    const beyond = rounds(cubic, 60, seconds * 1000)
    expect(at(beyond, 59) - at(beyond, 50)).toBeGreaterThan(at(beyond, 9) - at(beyond, 0))
  })

  test('4.2: never grows by more than half in a round trip', () => {
    const cubic = afterLoss(100)
    rounds(cubic, 1)
    const before = cubic.window
    for (let i = 0; i < Math.floor(before / MSS); i++) cubic.grow(MSS, 3_600_000, RTT_MS, 1)
    expect(cubic.window / before).toBeGreaterThan(1.3)
    expect(cubic.window / before).toBeLessThan(1.7)
  })

  test('4.3: in small windows and short round trips it grows like Reno', () => {
    const cubic = afterLoss(10)
    const windows = rounds(cubic, 6, 0, 1)
    const alpha = (3 * 0.3) / 1.7
    for (const [i, window] of windows.entries()) expect(window - 7).toBeCloseTo(alpha * (i + 1), 0)
    const later = rounds(cubic, 40, 6, 1)
    // Back at the old size it grows by one segment per round trip.
    expect(at(later, 39) - at(later, 29)).toBeGreaterThan(8.5)
    expect(at(later, 39) - at(later, 29)).toBeLessThan(10.5)
  })

  test('4.7: a second loss before the old window is reached lowers the target', () => {
    const once = afterLoss(1000)
    const twice = afterLoss(1000)
    twice.reduce()
    const reached = (cubic: Cubic) => must(rounds(cubic, 75).at(-1))
    expect(reached(once)).toBeGreaterThan(950)
    // 490 remain, and the target is 700 * 0.85.
    expect(reached(twice)).toBeLessThan(650)
  })

  test('4.8: a timeout leaves one segment; a repeated timeout of one segment halves nothing further', () => {
    const cubic = new Cubic(MSS)
    cubic.window = 100 * MSS
    cubic.collapse(false)
    cubic.collapse(true)
    expect([cubic.window, cubic.threshold]).toEqual([MSS, 70 * MSS])
  })

  test('5.8: idle time does not count', () => {
    const [busy, idle] = [afterLoss(1000), afterLoss(1000)]
    for (const cubic of [busy, idle]) rounds(cubic, 5)
    idle.rest(50_000, 60_000)
    rounds(busy, 5, 500)
    rounds(idle, 5, 50_500)
    expect(idle.window).toBeCloseTo(busy.window, 0)
  })
})

test('a long rest restarts slow start (RFC 5681, 4.1) and keeps the threshold', () => {
  const cubic = new Cubic(MSS)
  cubic.window = 100 * MSS
  cubic.rest(900, 1000)
  expect(cubic.window).toBe(100 * MSS)
  cubic.rest(1001, 1000)
  expect([cubic.window, cubic.threshold]).toEqual([10 * MSS, 75 * MSS])
})

test('a spurious loss is undone (RFC 4015)', () => {
  const cubic = afterLoss(100)
  cubic.undo(100 * MSS, Number.POSITIVE_INFINITY)
  expect([cubic.window, cubic.isSlowStart]).toEqual([100 * MSS, true])
})

test('a new path begins like the first', () => {
  const cubic = afterLoss(1000)
  cubic.restart()
  expect(rounds(cubic, 2)).toEqual([20, 40])
})
