/** The targets of several flows, with longer transfers and more seeds. */
import { describe, expect, test } from 'vitest'
import { FAST, gapOf, rateOver, SLOW, shareOf } from './testing/downloads.ts'

const BYTES = 40e6
const SEEDS = [1, 2, 3, 4, 5]

test.each([
  ['queues of a round trip and more', 1],
  ['queues of half of that', 0.5],
])('two paths of 50 Mb/s give 0.9 of their sum, with %s', (_, factor) => {
  const ways = [FAST, SLOW].map(way => ({ ...way, queueBytes: (way.queueBytes ?? 0) * factor }))
  const sum = ways.map(way => rateOver([way], { bytes: BYTES })).reduce((a, b) => a + b)
  expect(rateOver(ways, { bytes: BYTES })).toBeGreaterThan(0.9 * sum)
  expect(rateOver(ways.toReversed(), { bytes: BYTES })).toBeGreaterThan(0.9 * sum)
})

test.each(SEEDS)('a path that loses one packet in 20 slows nothing down (seed %i)', seed => {
  const given = { bytes: BYTES, seed }
  for (const [good, lossy] of [
    [FAST, SLOW],
    [SLOW, FAST],
  ] as const)
    expect(rateOver([good, { ...lossy, loss: 0.05 }], given)).toBeGreaterThan(0.98 * rateOver([good], given))
})

test.each(SEEDS)('a dying path costs at most two round trips of the other (seed %i)', seed => {
  for (const scheduler of ['minRtt', 'backup', 'redundant'] as const)
    for (const dies of scheduler === 'backup' ? ([0] as const) : ([0, 1] as const)) {
      const { afterKnownMs, otherMs } = gapOf([FAST, SLOW], dies, { bytes: BYTES, seed, scheduler })
      expect(afterKnownMs).toBeLessThan(2 * otherMs)
    }
})

describe('two flows beside one', () => {
  const ways = [
    { latencyMs: 10, rate: 10e6, queueBytes: 25_000 },
    { latencyMs: 20, rate: 20e6, queueBytes: 100_000 },
    { latencyMs: 10, rate: 50e6, queueBytes: 125_000 },
  ]

  test('take 0.5 to 0.6 on average, coupled', () => {
    const shares = ways.flatMap(way => [1, 2].map(seed => shareOf(way, true, seed, 40)))
    const mean = shares.reduce((a, b) => a + b) / shares.length
    expect(mean).toBeGreaterThan(0.48)
    expect(mean).toBeLessThan(0.6)
  })
})
