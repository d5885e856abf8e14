/** Replays a trace of each property. `corpus.long.ts` replays all traces, and `replay/onStack.test.ts` the scenes. */
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { replay } from '../checker/trace/replay.ts'
import { catalogue } from './catalogue.ts'
import { corpus, sample } from './testing/corpus.ts'

test('the sample has a violation of every property that a trace of the corpus violates', () => {
  const violated = ({ defect, invariant }: { defect?: string; invariant?: string }) =>
    defect === undefined ? [] : [invariant]
  const ids = new Set([...corpus.values()].flatMap(violated))
  expect(ids.size).toBeGreaterThan(45)
  expect(new Set(sample.flatMap(([, trace]) => violated(trace)))).toEqual(ids)
})

test.for(sample)('%s replays without divergence to the verdict that it expects', SLOW, async ([, trace]) => {
  const { asExpected, divergence } = await replay(trace, catalogue)
  expect(divergence).toBeUndefined()
  expect(asExpected).toBe(true)
})
