import { describe, expect, test } from 'vitest'
import { compareLiveness } from '../testing/compareLiveness.ts'
import { compareWithNaive, longBodied, repetitive } from '../testing/compareNaive.ts'
import { systems } from '../testing/systems.ts'

describe('explorations of many random systems agree with the naive search', () => {
  test.for([
    { workers: 1, numRuns: 4000 },
    { workers: 2, numRuns: 250 },
    { workers: 3, numRuns: 250 },
  ])('$workers workers', async ({ workers, numRuns }) => {
    expect(await compareWithNaive(systems, numRuns, workers)).toBeGreaterThan(0)
  })

  test('long bodies that are split into functions', async () => {
    expect(await compareWithNaive(longBodied, 200)).toBeGreaterThan(0)
  })

  test('repeated conditions that become functions', async () => {
    expect(await compareWithNaive(repetitive, 200)).toBeGreaterThan(0)
  })
})

describe('liveness of many random systems agrees with the naive definition', () => {
  test.for([
    { workers: 1, numRuns: 4000 },
    { workers: 2, numRuns: 400 },
  ])('$workers workers', async ({ workers, numRuns }) => {
    const { holds, violated } = await compareLiveness(workers, numRuns)
    expect(holds).toBeGreaterThan(numRuns / 20)
    expect(violated).toBeGreaterThan(numRuns / 20)
  })
})
