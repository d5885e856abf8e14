import { expect, test } from 'vitest'
import { comparePlain } from './comparePlain.ts'
import { LongRun } from './longRun.ts'

const WORLDS = 5000

test('many random worlds: the same states, verdicts and refusals as plain JavaScript and XState find', async () => {
  const run = new LongRun('random worlds', WORLDS)
  const { worlds, states, broken, refused } = await comparePlain(WORLDS, run.at)
  run.over({ compared: worlds, states, broken, ...refused })
  for (const kind of ['index', 'remainder', 'exact', 'store']) expect(refused[kind], kind).toBeGreaterThan(5)
  expect(broken).toBeGreaterThan(300)
})
