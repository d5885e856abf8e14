/** SPIN and the checker count the same states of more models. `spin.test.ts` counts a few. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hasSpin } from '../../checker/testing/spin.ts'
import { bothCounts, counted } from './testing/bothCounts.ts'

const dir = mkdtempSync(join(tmpdir(), 'serval-spin-models-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe.runIf(hasSpin())('SPIN finds as many states and steps as the checker', () => {
  test.for(counted)('in %s with %o', async ([name, bounds]) => {
    const { checker, spin } = await bothCounts(name, bounds, dir)
    expect(checker.distinct).toBeGreaterThan(100)
    expect(spin).toEqual(checker)
  })
})
