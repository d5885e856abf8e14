/** A million mutated files are used or rejected with a stable code, and none takes forever. */
import { expect, test } from 'vitest'
import { LongRun } from '../checker/testing/longRun.ts'
import { captures, feedFiles, journals, plans, steps, traces } from './testing/feedFiles.ts'

test.for([
  ['traces', traces, 250_000],
  ['logs of steps', steps, 250_000],
  ['plans', plans, 200_000],
  ['captures', captures, 250_000],
  ['journals', journals, 50_000],
] as const)('%s', async ([name, kind, count]) => {
  using files = kind()
  const run = new LongRun(name, count)
  const found = await feedFiles(files, count, 11, run.at)
  run.over(Object.fromEntries(found))
  expect(found.get('used') ?? 0).toBeGreaterThan(count / 50)
})
