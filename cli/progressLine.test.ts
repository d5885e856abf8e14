import { expect, test } from 'vitest'
import type { Progress } from '../checker/search/search.ts'
import { progressText } from './progressLine.ts'

const pass: Progress = {
  ...{ of: 'liveness', pass: 4, distinct: 1000, generated: 5000 },
  ...{ depth: 23, frontier: 750, bytes: 2 ** 20, rate: 50 },
}

test('a pass shows its progress, its speed and the time left', () => {
  expect(progressText('delay', pass)).toMatch(/liveness pass 4: 25 %, 50\/s, 15 s left/)
})

test('a pass begins with 0 %, and without a time left: numbers that no state has count as left', () => {
  const text = progressText('delay', { ...pass, frontier: 1010, rate: 0 })
  expect(text).toBe('delay: 1,000 states, depth 23, liveness pass 4: 0 %, 1 MB')
})
