import fc from 'fast-check'
import { test } from 'vitest'
import { weather } from './testing/stormWorld.ts'

test('hosts survive mutants of their own packets, and serve new clients afterwards', () => {
  fc.assert(
    fc.property(fc.nat(), seed => weather(seed, 5000)),
    // A repeated RSYN of a flow that has not moved once had no challenge to repeat.
    { numRuns: 8, examples: [[1827349255]] },
  )
})
