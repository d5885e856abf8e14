import { describe, expect, test } from 'vitest'
import { compareLiveness } from '../testing/compareLiveness.ts'
import { SLOW } from '../testing/limits.ts'

describe('liveness agrees with the naive definition, and every lasso is one', SLOW, () => {
  test.for([
    { workers: 1, numRuns: 30 },
    { workers: 2, numRuns: 6 },
  ])('$workers workers', async ({ workers, numRuns }) => {
    const { holds, violated } = await compareLiveness(workers, numRuns)
    expect(holds).toBeGreaterThan(numRuns / 20)
    expect(violated).toBeGreaterThan(numRuns / 20)
  })
})
