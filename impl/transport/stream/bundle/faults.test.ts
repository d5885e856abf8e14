/** Whatever happens to the flows of a stream, every byte arrives once and in order. faults.long.ts runs more of it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyRun, Trial } from './testing/anyNet.ts'

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
