/** Random walks find these as well as the search does. `fuzzDefects.long.ts` looks for more. */
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { fuzzed } from './testing/fuzzed.ts'

test.each(['D1', 'D5', 'D9'])('fuzzing finds %s', SLOW, async defect => {
  const { kind, id, failed } = await fuzzed(defect)
  // No single state shows that nothing recovers.
  expect(kind === 'recovery' ? [id] : failed).toContain(id)
})
