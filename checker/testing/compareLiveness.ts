/** Compares the liveness properties that random systems violate with the naive definition. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { CheckerError, TrapError } from '../ir/errors.ts'
import type { System } from '../ir/ir.ts'
import { type Exploration, explore } from '../search/explore.ts'
import { faultOf } from './checkLasso.ts'
import { liveSystems } from './liveSystems.ts'
import { naiveLiveness } from './naiveLiveness.ts'
import { spread } from './spread.ts'

async function explored(system: System, workers: number): Promise<Exploration | undefined> {
  try {
    return await explore(system, { workers, invariants: system.liveness.map(({ id }) => id) })
  } catch (error) {
    if (error instanceof TrapError) return undefined
    // Rules of random systems may choose by a value that can be rejected.
    if (error instanceof CheckerError && error.message.includes('or reject a value')) return undefined
    throw error
  }
}

/** Explores `numRuns` random systems. Checks that every lasso is one. Returns how many properties hold or are violated. */
export async function compareLiveness(workers: number, numRuns: number) {
  const outcomes = { holds: 0, violated: 0 }
  await fc.assert(
    fc.asyncProperty(liveSystems(), fc.boolean(), async (given, isSpread) => {
      const system = isSpread ? spread(given) : given
      const exploration = await explored(system, workers)
      fc.pre(exploration !== undefined)
      const naive = naiveLiveness(system)
      fc.pre(naive !== undefined)
      const found = exploration.violations.map(one => [one.id, one.loop] as const)
      expect(new Map(found)).toEqual(naive)
      for (const violation of exploration.violations) {
        expect(violation.kind).toBe('liveness')
        expect(faultOf(system, violation)).toBeUndefined()
      }
      outcomes.violated += naive.size
      outcomes.holds += system.liveness.length - naive.size
    }),
    { numRuns },
  )
  return outcomes
}
