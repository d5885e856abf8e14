import { expect, test } from 'vitest'
import { comparePlain } from './comparePlain.ts'
import { LongRun } from './longRun.ts'

const WORLDS = 5000

test('many random worlds: the same states, verdicts and rejections as plain JavaScript and XState find', async () => {
  const run = new LongRun('random worlds', WORLDS)
  const { worlds, states, broken, rejected } = await comparePlain(WORLDS, run.at)
  run.over({ compared: worlds, states, broken, ...rejected })
  for (const kind of ['index', 'remainder', 'exact', 'store']) expect(rejected[kind], kind).toBeGreaterThan(5)
  expect(broken).toBeGreaterThan(300)
})
