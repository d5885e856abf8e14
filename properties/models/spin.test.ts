/** SPIN and the checker count the same states of models. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { hasSpin } from '../../checker/testing/spin.ts'
import { bothCounts, counted } from './testing/bothCounts.ts'

const dir = mkdtempSync(join(tmpdir(), 'serval-spin-models-'))
afterAll(() => rmSync(dir, { recursive: true }))

/** Models that SPIN counts quickly. `spin.long.ts` counts all. */
const SAMPLE = ['two-party', 'resolution']
const sample = SAMPLE.flatMap(name => counted.filter(([model]) => model === name).slice(0, 1))

describe.runIf(hasSpin())('SPIN finds as many states and steps as the checker', SLOW, () => {
  test.for(sample)('in %s with %o', async ([name, bounds]) => {
    const { checker, spin } = await bothCounts(name, bounds, dir)
    expect(checker.distinct).toBeGreaterThan(100)
    expect(spin).toEqual(checker)
  })
})
