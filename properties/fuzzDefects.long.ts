/** Random walks find these as well as the search does. `fuzzDefects.test.ts` looks for a few. */
import { expect, test } from 'vitest'

import { fuzzed } from './testing/fuzzed.ts'

test.each(['D1', 'D2', 'D3', 'D5', 'D8', 'D9'])('fuzzing finds %s', async defect => {
  const { kind, id, failed } = await fuzzed(defect)
  // No single state shows that nothing recovers.
  expect(kind === 'recovery' ? [id] : failed).toContain(id)
})
