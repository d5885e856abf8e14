/** Keeps stream.md true: its limits and counters are those of the code. */

import { expect, test } from 'vitest'
import * as limits from '../impl/transport/stream/limits.ts'
import { Counters } from '../impl/transport/stream/statistics.ts'
import { namesIn, page, tableOf } from './pages.ts'

const stream = page('docs/stream.md')

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
    'smallest MSS': `${limits.LEAST_MSS}`,
  })
  expect(stream.prose.replaceAll(/\s+/g, ' ')).toContain(`within ${limits.ANSWER_GAP_MS} ms of another`)
})

test('counters', () => {
  expect(namesIn(stream, 'counter').sort()).toEqual(Object.keys(new Counters().all).sort())
})
