/** Whatever happens to the flows of a stream, every byte arrives once and in order. faults.long.ts runs more of it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyRun, anyRun, Trial } from './testing/anyNet.ts'

const RUNS = 60

test('every byte arrives once and in order, whatever happens to paths and flows', () => {
  let several = 0
  fc.assert(
    fc.property(anyRun, run => {
      const { net, client, server } = new Trial(run).go()
      if (net.flows.length > 1) several++
      expect([client.bufferedToSend, server.bufferedToSend]).toEqual([0, 0])
    }),
    { numRuns: RUNS },
  )
  expect(several).toBeGreaterThan(RUNS / 2)
})

test('an end hears its peer in a flow with a whole window in flight that arrived by another flow', () => {
  const way = { latencyMs: 0, rate: 1e6, queueBytes: 5000 }
  const run: AnyRun = {
    seed: 0,
    first: way,
    joins: 1,
    isLazy: [false, true],
    sizes: [1500, 1512],
    client: { mostWindow: 1500, noDelay: false, timestamps: false, sack: false },
    events: [
      { atMs: 0, kind: 'cut', which: 0, isClient: false, way },
      { atMs: 0, kind: 'scheduler', which: 4, isClient: false, way },
      { atMs: 14, kind: 'leave', which: 21, isClient: false, way },
    ],
  }
  expect(new Trial(run).go().server.peerFinished).toBe(true)
})
