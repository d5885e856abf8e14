import { describe, expect, test } from 'vitest'
import { compareWithNaive, longBodied, repetitive } from '../testing/compareNaive.ts'
import { SLOW } from '../testing/limits.ts'
import { systems } from '../testing/systems.ts'

describe('an exploration agrees with the naive search', () => {
  test.for([
    { workers: 1, numRuns: 40 },
    { workers: 2, numRuns: 4 },
    { workers: 3, numRuns: 4 },
  ])('$workers workers', SLOW, async ({ workers, numRuns }) => {
    expect(await compareWithNaive(systems, numRuns, workers)).toBeGreaterThan(0)
  })

  test('long bodies that are split into functions', SLOW, async () => {
    expect(await compareWithNaive(longBodied, 5)).toBeGreaterThan(0)
  })

  test('repeated conditions that become functions', SLOW, async () => {
    expect(await compareWithNaive(repetitive, 8)).toBeGreaterThan(0)
  })
})
