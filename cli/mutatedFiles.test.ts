/** Mutated files are used or rejected with a stable code. `mutatedFiles.long.ts` has a million of them. */
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { captures, feedFiles, journals, plans, steps, traces } from './testing/feedFiles.ts'

test.for([
  ['traces', traces, 450, ['TRACE_JSON', 'TRACE_SHAPE', 'TRACE_VERSION', 'used']],
  ['logs of steps', steps, 150, ['STEPS_HEADER', 'STEPS_JSON', 'STEPS_LINES', 'STEPS_SHAPE', 'used']],
  ['plans', plans, 1000, ['PLAN_JSON', 'PLAN_NAME', 'PLAN_RANGE', 'PLAN_SHAPE', 'used']],
  ['captures', captures, 600, ['CAPTURE_BLOCK', 'CAPTURE_FORMAT', 'CLI_CUT', 'CLI_NOTHING', 'used']],
  ['journals', journals, 200, ['REGISTRY_DAMAGED', 'used']],
] as const)('%s', SLOW, async ([, kind, count, outcomes]) => {
  using files = kind()
  const found = await feedFiles(files, count, 7)
  expect([...found.keys()]).toEqual(expect.arrayContaining([...outcomes]))
})
