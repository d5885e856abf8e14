import { expect, test } from 'vitest'
import { comparePlain } from './comparePlain.ts'
import { SLOW } from './limits.ts'

test(
  'random worlds: the same states, verdicts and rejections as plain JavaScript and XState find',
  SLOW,
  async () => {
    const met = await comparePlain(40)
    // The seed is random, so these limits are far below what is usual. Of 250 worlds, 75 are explored to their end, 145 reject an index, 25 a remainder, and some the rest.
    expect(met.worlds).toBeGreaterThan(24)
    expect(met.states).toBeGreaterThan(8)
    expect(met.broken).toBeGreaterThan(0)
    expect(met.rejected.index).toBeGreaterThan(6)
  },
)
