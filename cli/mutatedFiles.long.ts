/** A million mutated files are used or refused with a stable code, and none takes for ever. */
import { expect, test } from 'vitest'
import { captures, feedFiles, journals, plans, steps, traces } from './testing/feedFiles.ts'

test.for([
  ['traces', traces, 250_000],
  ['logs of steps', steps, 250_000],
  ['plans', plans, 200_000],
  ['captures', captures, 250_000],
  ['journals', journals, 50_000],
] as const)('%s', async ([, kind, count]) => {
  using files = kind()
  const found = await feedFiles(files, count, 11)
  const used = found.get('used') ?? 0
  expect(used).toBeGreaterThan(count / 50)
  process.stdout.write(`${count} files: ${JSON.stringify(Object.fromEntries(found))}\n`)
})
