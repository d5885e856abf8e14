import fc from 'fast-check'
import { test } from 'vitest'
import { weather } from './testing/stormWorld.ts'

test('hosts survive two million mutants of their own packets', () => {
  fc.assert(
    fc.property(fc.nat(), seed => weather(seed, 20_000)),
    { numRuns: 100 },
  )
})
