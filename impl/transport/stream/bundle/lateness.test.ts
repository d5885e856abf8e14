/** A flow whose answers are late, although its path works. */
import { expect, test } from 'vitest'
import { Download, FAST, SLOW } from './testing/downloads.ts'

const BYTES = 14e6

/**
 * Runs a transfer during which the packets of the second path begin to take `ms` longer. Returns the states of the flows, and how many
 * bytes left twice.
 */
function late(ms: number): { states: string[]; twice: number } {
  const download = new Download([FAST, SLOW], { bytes: BYTES })
  const { net, client, startMs } = download
  const states: string[] = []
  net.at(startMs + 800, () => {
    const { path } = download.flow(1).client
    path.options = { ...path.options, latencyMs: (SLOW.latencyMs ?? 0) + ms }
  })
  const watch = () => {
    const state = client.flows.map(({ isStalled }) => (isStalled ? 'stalled' : 'open')).join()
    if (state !== states.at(-1)) states.push(state)
    if (net.nowMs < startMs + 1000) net.at(net.nowMs + 1, watch)
  }
  watch()
  download.run()
  return { states, twice: client.flows.reduce((sum, { bytesSent }) => sum + bytesSent, 0) - BYTES }
}

test('others begin to send its data, until it answers', () => {
  const { states, twice } = late(60)
  expect(states).toEqual(['open,open', 'open,stalled', 'open,open'])
  // The other path carries 50 Mb/s. Of the 60 ms, 20 pass before the flow is late.
  expect(twice).toBeGreaterThan(100_000)
  expect(twice).toBeLessThan(0.04 * (50e6 / 8))
})

test('a little later is not late, and neither is the delayed acknowledgment of a last segment', () => {
  expect(late(10)).toEqual({ states: ['open,open'], twice: expect.closeTo(0, -1) })
})
