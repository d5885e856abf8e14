/** Searches again for every defect that an invariant catches soon. `defects.test.ts` searches for a few. */
import { expect, test } from 'vitest'
import { foundAgain, nameOf, quick, recordedOf } from './testing/again.ts'

test.for(quick.map(row => [nameOf(row), row] as const))('%s is still caught', async ([, row]) => {
  expect(await foundAgain(row)).toEqual(recordedOf(row))
})
