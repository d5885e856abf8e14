/** Keeps stream.md true: its limits and counters are those of the code. */

import { expect, test } from 'vitest'
import * as limits from '../impl/transport/stream/limits.ts'
import { Counters } from '../impl/transport/stream/statistics.ts'
import { namesIn, page, tableOf } from './pages.ts'

const stream = page('docs/stream.md')

/** IPv6, UDP, SAL, and the inner TCP header. */
const HEADERS = 40 + 8 + 12 + 20

test('limits', () => {
  expect(Object.fromEntries(tableOf(stream, 'limit').map(([name, value]) => [name, value]))).toEqual({
    'unsent bytes': `${limits.SEND_HIGH_WATER}`,
    'bytes in flight': `${limits.MOST_FLIGHT}`,
    'segments in flight': `${limits.MOST_SEGMENTS}`,
    'receive window': `${limits.FIRST_WINDOW}`,
    'receive window, most': `${limits.MOST_WINDOW}`,
    'separate ranges': `${limits.MOST_RANGES}`,
    timeout: `${limits.RTO_LEAST_MS} to ${limits.RTO_MOST_MS} ms`,
    'between window probes': `${limits.PERSIST_MOST_MS} ms`,
    'between answers to empty segments': `${limits.ANSWER_GAP_MS} ms`,
    'acknowledged immediately': `${limits.QUICK_ACKS} segments`,
    'a byte beyond a gap': `${limits.MOST_PIECE_AHEAD} bytes of memory`,
    'acknowledgment delay': `${limits.ACK_DELAY_MS} ms`,
    burst: `${limits.BURST_SEGMENTS} segments or ${limits.BURST_MS} ms`,
    'silence after a run of segments': `${limits.LULL_MS} ms`,
    'smallest MSS': `${limits.LEAST_MSS}`,
    'first segment size': `packets of ${limits.BASE_MSS + HEADERS} bytes`,
    'probes of one size': `${limits.PROBES_PER_SIZE}`,
    'between searches': `${limits.RAISE_MS} ms`,
  })
  const prose = stream.prose.replaceAll(/\s+/g, ' ')
  expect(prose).toContain(`at most once in ${limits.ANSWER_GAP_MS} ms`)
  expect(prose).toContain(
    `returns to ${limits.BASE_MSS + HEADERS} bytes, then to ${limits.FLOOR_MSS + HEADERS}`,
  )
  expect(prose).toContain(
    `After ${limits.QUICK_ACKS} segments or more in a row, a silence of ${limits.LULL_MS} ms`,
  )
  const [jumbo, ethernet, pppoe, tunnel, narrower, base] = limits.COMMON_MSS.map(size => size + HEADERS)
  expect([jumbo, base]).toEqual([9000, limits.BASE_MSS + HEADERS])
  expect(prose).toContain(`the next of ${ethernet}, ${pppoe}, ${tunnel} and ${narrower} bytes`)
})

test('counters', () => {
  expect(namesIn(stream, 'counter').sort()).toEqual(Object.keys(new Counters().all).sort())
})
