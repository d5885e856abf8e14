/** The speed of a transfer in virtual time, and how many segments it costs. */

import { describe, expect, test } from 'vitest'
import { SLOW } from '../../../checker/testing/limits.ts'
import { must } from '../../../checker/text/at.ts'
import { MEGA, transfer } from './testing/goodput.ts'
import { Pipe } from './testing/pipe.ts'

describe('a path without loss', () => {
  test('is filled: 100 Mb/s at 20 ms, with a queue of one round trip', SLOW, () => {
    const { mbPerS, timeouts } = transfer(20 * MEGA, { latencyMs: 10, rate: 1e8, queueBytes: 250_000 })
    expect(mbPerS).toBeGreaterThan(90)
    expect(timeouts).toBe(0)
  })

  test('with a small queue: each overflowing segment is retransmitted once', SLOW, () => {
    const { mbPerS, repeated, lost, timeouts } = transfer(20 * MEGA, {
      latencyMs: 10,
      rate: 1e8,
      queueBytes: 64_000,
    })
    expect(mbPerS).toBeGreaterThan(75)
    expect(repeated).toBe(lost)
    expect(timeouts).toBe(0)
  })
})

describe('random loss, at 20 ms', () => {
  /** RFC 9438, figure 3: the mean window of its Reno-friendly region, in segments. */
  const friendlyWindow = (loss: number): number => Math.sqrt((3 * (0.3 / 1.7) * 1.7) / (2 * 0.3 * loss))
  const expected = (loss: number): number => (friendlyWindow(loss) * (1448 - 12) * 8) / 20 / 1000

  test.each([[0.01], [0.003]])("of %d: reaches CUBIC's predicted rate", SLOW, loss => {
    const { mbPerS, repeated, lost, timeouts } = transfer(10 * MEGA, { latencyMs: 10, rate: 1e9, loss })
    expect(mbPerS / expected(loss)).toBeGreaterThan(0.9)
    expect(mbPerS / expected(loss)).toBeLessThan(1.5)
    // Only lost segments are retransmitted, and no tail waits for a timeout.
    expect(repeated - lost).toBeLessThanOrEqual(1)
    expect(timeouts).toBe(0)
  })

  test('without SACK: not much slower', SLOW, () => {
    const { mbPerS } = transfer(5 * MEGA, { latencyMs: 10, rate: 1e9, loss: 0.01 }, { sack: false })
    expect(mbPerS / expected(0.01)).toBeGreaterThan(0.8)
  })
})

test('reordering alone causes few retransmissions, because RACK adapts', SLOW, () => {
  const path = { latencyMs: 10, rate: 1e8, reordering: 0.02, latenessMs: 4 }
  const { repeated, mbPerS } = transfer(10 * MEGA, path)
  expect(repeated).toBeLessThan(20)
  expect(mbPerS).toBeGreaterThan(60)
})

test('a request with its answer takes one round trip, whether or not segments are small', SLOW, () => {
  const pipe = new Pipe({ there: { latencyMs: 10 } }).open()
  const { client, server } = pipe
  let answers = 0
  server.stream.user = {
    onReadable: () => {
      server.stream.write(must(server.stream.read()))
    },
  }
  client.stream.user = {
    onReadable: () => {
      client.stream.read()
      if (++answers < 50) client.stream.write(new Uint8Array(200))
    },
  }
  const startMs = pipe.nowMs
  client.stream.write(new Uint8Array(200))
  pipe.run(1e6, () => answers === 50)
  expect(pipe.nowMs - startMs).toBeCloseTo(50 * 20, 3)
})
