import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TrapError } from '../ir/errors.ts'
import type { System } from '../ir/ir.ts'
import { faultOf } from '../testing/checkLasso.ts'
import { SLOW } from '../testing/limits.ts'
import { liveSystems } from '../testing/liveSystems.ts'
import { naiveLiveness } from '../testing/naiveLiveness.ts'
import { type Exploration, explore } from './explore.ts'

async function explored(system: System, workers: number): Promise<Exploration | undefined> {
  try {
    return await explore(system, { workers, invariants: system.liveness.map(({ id }) => id) })
  } catch (error) {
    if (error instanceof TrapError) return undefined
    throw error
  }
}

describe('liveness agrees with the naive definition, and every lasso is one', SLOW, () => {
  test.for([
    { workers: 1, numRuns: 400 },
    { workers: 2, numRuns: 40 },
  ])('$workers workers', async ({ workers, numRuns }) => {
    const outcomes = { holds: 0, violated: 0 }
    await fc.assert(
      fc.asyncProperty(liveSystems(), async system => {
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
    expect(outcomes.holds).toBeGreaterThan(numRuns / 20)
    expect(outcomes.violated).toBeGreaterThan(numRuns / 20)
  })
})
