import { expect, test } from 'vitest'
import { comparePlain } from './comparePlain.ts'
import { SLOW } from './limits.ts'

test(
  'random worlds: the same states, verdicts and rejections as plain JavaScript and XState find',
  SLOW,
  async () => {
    const met = await comparePlain(60)
    // The seed is random. Of 250 worlds, about 75 are explored to their end, 145 reject an index, and 25 a remainder. These limits
    // are far below.
    expect(met.worlds).toBeGreaterThan(36)
    expect(met.states).toBeGreaterThan(12)
    expect(met.broken).toBeGreaterThan(0)
    expect(met.rejected.index).toBeGreaterThan(9)
  },
)
