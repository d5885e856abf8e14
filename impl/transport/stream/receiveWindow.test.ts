import { describe, expect, test } from 'vitest'
import { ReceiveWindow } from './receiveWindow.ts'

const MSS = 1000
const START = 1

describe('RFC 9293, 3.8.6.2.2: no silly windows', () => {
  test('the edge moves by at least a full segment', () => {
    const window = new ReceiveWindow(START, 10 * MSS, 10 * MSS)
    expect(window.offer(START, START, MSS)).toBe(10 * MSS)
    expect(window.offer(START + 999, START + 5000, MSS)).toBe(5000)
    expect(window.offer(START + 1000, START + 5000, MSS)).toBe(6000)
  })

  test('with little room, by half of it', () => {
    const window = new ReceiveWindow(START, 600, 600)
    expect(window.offer(START + 299, START + 600, MSS)).toBe(0)
    expect(window.offer(START + 300, START + 600, MSS)).toBe(300)
  })

  test('never moves back', () => {
    const window = new ReceiveWindow(START, 10 * MSS, 10 * MSS)
    const { edge } = window
    window.cap(2 * MSS)
    expect(window.offer(START, START + 500, MSS)).toBe(edge - START - 500)
    expect(window.edge).toBe(edge)
  })
})

test('an update leaves immediately if little was left, or half of the room was freed', () => {
  const window = new ReceiveWindow(START, 10 * MSS, 10 * MSS)
  expect(window.isWorthTelling(START + 4999, START + 5000, MSS)).toBe(false)
  expect(window.isWorthTelling(START + 5000, START + 5000, MSS)).toBe(true)
  expect(window.isWorthTelling(START + 999, START + 9500, MSS)).toBe(false)
  expect(window.isWorthTelling(START + 1000, START + 9500, MSS)).toBe(true)
})

describe('room grows', () => {
  /** Simulates a reader that takes `perRound` bytes in each round trip. */
  const limitAfter = (perRound: number, roundTripMs: number, rounds: number, most = 1e6) => {
    const window = new ReceiveWindow(START, 10 * MSS, most)
    let readAt = START
    for (let nowMs = 0; nowMs < rounds * roundTripMs; nowMs += roundTripMs / 10) {
      readAt += perRound / 10
      window.sample(roundTripMs)
      window.measure(readAt, nowMs)
    }
    return window.limit
  }

  /** Simulates a reader that takes two segments per ms; from `restartMs` on the path is new. */
  const limitAtRate = (
    untilMs: number,
    roundTripMs: (nowMs: number, limit: number) => number,
    restartMs = Number.POSITIVE_INFINITY,
  ) => {
    const window = new ReceiveWindow(START, 10 * MSS, 1e6)
    for (let nowMs = 0; nowMs < untilMs; nowMs++) {
      window.sample(roundTripMs(nowMs, window.limit))
      if (nowMs === restartMs) window.restart()
      window.measure(START + 2 * MSS * nowMs, nowMs)
    }
    return window.limit
  }

  test('to four times the amount read in a round trip', () => {
    const limit = limitAfter(20 * MSS, 10, 100)
    expect(limit).toBeGreaterThanOrEqual(80 * MSS)
    expect(limit).toBeLessThan(100 * MSS)
  })

  test('not for a slow reader', () => {
    expect(limitAfter(2 * MSS, 10, 100)).toBe(10 * MSS)
  })

  test("not with the stream's own queue, which lengthens round trips", () => {
    // At a constant rate, a round trip that brings twice as much takes twice as long.
    const roundTripMs = (nowMs: number, limit: number) => (nowMs < 20 ? 10 : limit / (2 * MSS))
    expect(limitAtRate(1000, roundTripMs)).toBe(80 * MSS)
  })

  test('when the path grows longer', () => {
    expect(limitAtRate(90_000, nowMs => (nowMs < 20 ? 10 : 40))).toBe(320 * MSS)
  })

  test('immediately on a new path', () => {
    expect(limitAtRate(300, nowMs => (nowMs < 100 ? 10 : 40), 100)).toBe(320 * MSS)
  })

  test('never beyond the maximum', () => {
    expect(limitAfter(500 * MSS, 10, 100)).toBe(1e6)
  })
})
