/** Bytes arrive as they were sent, in both directions, whatever the network does. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { Pipe } from './testing/pipe.ts'
import { exchange } from './testing/transfer.ts'

const anyPath = fc.record({
  latencyMs: fc.constantFrom(0, 0.1, 5, 50),
  rate: fc.constantFrom(Number.POSITIVE_INFINITY, 1e6, 1e8),
  queueBytes: fc.constantFrom(10_000, 1e6),
  loss: fc.constantFrom(0, 0.01, 0.1, 0.3),
  duplication: fc.constantFrom(0, 0.05),
  reordering: fc.constantFrom(0, 0.05, 0.3),
  corruption: fc.constantFrom(0, 0.02),
})
const anyEnd = fc.record({
  initialSequence: fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.integer({ min: 2 ** 32 - 9999, max: 2 ** 32 - 1 }),
  ),
  noDelay: fc.boolean(),
  sack: fc.boolean(),
  timestamps: fc.boolean(),
  mss: fc.constantFrom(88, 536, 1448),
  mostWindow: fc.constantFrom(500, 20_000, 1_000_000),
})

describe('over any network', () => {
  test('delivers everything that was sent, and leaves no state behind', () => {
    const size = fc.nat(60_000)
    const property = fc.property(
      fc.integer(),
      anyEnd,
      anyEnd,
      anyPath,
      anyPath,
      size,
      size,
      (seed, client, server, there, back, up, down) => {
        const pipe = new Pipe({ seed, client, server, there, back }).open()
        exchange(pipe, up, down)
        pipe.run()
        for (const { stream } of [pipe.client, pipe.server]) {
          expect([stream.buffered, stream.statistics.inFlight]).toEqual([0, 0])
          expect(stream.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
        }
      },
    )
    fc.assert(property, { numRuns: 150 })
  })
})
