/** Replays every trace of the corpus. `corpus.test.ts` replays one of each property. */
import { expect, test } from 'vitest'
import { replay } from '../checker/trace/replay.ts'
import { catalogue } from './catalogue.ts'
import { corpus } from './testing/corpus.ts'

test.for([...corpus])('%s replays without divergence to the verdict that it expects', async ([, trace]) => {
  const { asExpected, divergence } = await replay(trace, catalogue)
  expect(divergence).toBeUndefined()
  expect(asExpected).toBe(true)
})
