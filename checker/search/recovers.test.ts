import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systems } from '../testing/systems.ts'
import { recovers } from './recovers.ts'
import { walk } from './walk.ts'

/** The memory suffices for every random system. */
const MEMORY_MB = 4

test('steps from a state give the same answer as a search', async () => {
  const answers = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(systems, fc.nat(), async (system, pick) => {
      const walker = walk(system, 'none')
      let from = walker.initial()
      for (let i = 0; i < 3; i++) {
        const enabled = walker.enabled(from)
        if (enabled.length > 0) from = walker.take(from, enabled[pick % enabled.length] as number).state
      }
      for (const recovery of system.recoveries) {
        const question = { recovery, from, memoryMb: MEMORY_MB }
        const near = await recovers(system, walker, { ...question, nearStates: 1000 })
        expect(near).toBe(await recovers(system, walker, { ...question, nearStates: 0 }))
        answers.set(near, (answers.get(near) ?? 0) + 1)
      }
    }),
    { numRuns: 60 },
  )
  for (const answer of ['reached', 'lost', 'not due']) expect(answers.get(answer), answer).toBeGreaterThan(0)
})
