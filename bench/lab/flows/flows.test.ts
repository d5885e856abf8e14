/** Tests how the lab's comparisons summarize samples, and runs one comparison without delays. `npm run lab` runs and measures all. */
import { describe, expect, test } from 'vitest'
import type { Comparison, Download } from './compare.ts'
import { COMPARISONS } from './comparisons.ts'
import { bytesAt, gapAfter, rateOf } from './measures.ts'
import { comparisonPicture } from './picture.ts'
import { COLUMNS, rowsOf } from './table.ts'

/** 1 MB at once, nothing for a second after 1 s, then 2 MB in another second. */
const SAMPLES = [
  { t: 0, bytes: 1_000_000 },
  { t: 1000, bytes: 2_000_000 },
  { t: 2000, bytes: 3_000_000 },
  { t: 3000, bytes: 5_000_000 },
]

describe('measures', () => {
  test('the rate counts the time between the first and the last sample', () => {
    expect(rateOf(SAMPLES)).toBeCloseTo(32 / 3)
    expect(rateOf(SAMPLES, 1500)).toBe(16)
    expect(rateOf(SAMPLES, 2500)).toBe(0)
    expect(rateOf([])).toBe(0)
  })

  test('a gap begins at the fault', () => {
    expect(gapAfter(SAMPLES, 1200)).toBe(1000)
    expect(gapAfter(SAMPLES, 2400)).toBe(600)
    expect(gapAfter(SAMPLES, 4000)).toBe(0)
  })

  test('bytes at a time are those that had arrived', () => {
    expect([-1, 0, 1999, 9999].map(ms => bytesAt(SAMPLES, ms))).toEqual([0, 1_000_000, 2_000_000, 5_000_000])
  })
})

const comparison: Comparison = {
  name: 'one',
  what: 'a <network>',
  bytes: 5e6,
  orders: [],
  faults: [{ afterMs: 1200, what: 'it dies', cause: () => {} }],
  contenders: ['MPTCP', 'TCP'],
  isRace: true,
}
const downloads: readonly Download[] = [
  { contender: 'MPTCP', samples: SAMPLES, isWhole: true },
  { contender: 'TCP', samples: SAMPLES.slice(0, 3), isWhole: false },
]

test('a row for each download has rate, gap, share and loss', () => {
  const rows = rowsOf(comparison, downloads)
  expect(rows).toEqual([
    ['one', 'a <network>', 'MPTCP', '10.7', '1000 ms', '0.50', 'nothing'],
    ['', '', 'TCP', '8.0', '800 ms', '0.50', 'all after 3000000 bytes'],
  ])
  expect(rows[0]?.length).toBe(COLUMNS.length)
})

test('the picture has a curve for each download, the faults and the names', () => {
  const svg = comparisonPicture(comparison, downloads)
  expect(svg).toContain('a &lt;network&gt;')
  expect(svg).toContain('it dies')
  expect(svg).toContain('<path d="M60.0 184.0H273.3V148.0H486.7V112.0H700.0V40.0"')
  expect(svg.match(/stroke-width="2"/g)?.length).toBe(2)
  expect(svg).toBe(comparisonPicture(comparison, downloads))
})

test('each comparison has a name of its own', () => {
  expect(new Set(COMPARISONS.map(({ name }) => name)).size).toBe(COMPARISONS.length)
})
