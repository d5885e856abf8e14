import { expect, test } from 'vitest'
import { comparePlain } from './comparePlain.ts'

test('many random worlds: the same states, verdicts and refusals as plain JavaScript and XState find', {
  timeout: 0,
}, async () => {
  const met = await comparePlain(5000)
  for (const kind of ['index', 'remainder', 'exact', 'store'])
    expect(met.refused[kind], kind).toBeGreaterThan(5)
  expect(met.broken).toBeGreaterThan(300)
})
