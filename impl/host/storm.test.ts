import fc from 'fast-check'
import { test } from 'vitest'
import { weather } from './testing/stormWorld.ts'

test('hosts survive mutants of their own packets, and serve new clients afterwards', () => {
  fc.assert(
    fc.property(fc.nat(), seed => weather(seed, 5000)),
    { numRuns: 8 },
  )
})
