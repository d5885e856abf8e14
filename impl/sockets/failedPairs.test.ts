import { expect, test } from 'vitest'
import { FailedPairs } from './failedPairs.ts'

const [ONE, OTHER] = [
  { from: 1, to: 2 },
  { from: 1, to: 3 },
]

test('a pair without an answer is tried again after doubled waits, and soon after addresses have changed', () => {
  const pairs = new FailedPairs()
  expect([pairs.lose(ONE), pairs.lose(OTHER)]).toEqual([30_000, undefined])
  pairs.retry()
  expect([pairs.has(ONE), pairs.lose(ONE)]).toEqual([false, 60_000])
  pairs.forget()
  expect([pairs.has(ONE), pairs.lose(OTHER)]).toEqual([false, 30_000])
})
