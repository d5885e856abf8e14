import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systems } from '../testing/systems.ts'
import { bounded, boundedWhenRead } from './bounded.ts'

test('bodies are the same in whatever order they are read', () => {
  fc.assert(
    fc.property(systems, system => {
      const { rules } = boundedWhenRead(system)
      const bodies = rules.toReversed().map(({ body }) => body)
      expect(bodies.toReversed()).toEqual(bounded(system).rules.map(({ body }) => body))
    }),
    { numRuns: 50 },
  )
})
