/** In which order a flow tries other paths, and for how long each. failover.test.ts runs it over sockets of the system. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { type Attempt, attempts } from './pathRace.ts'

const [A, B, C] = [1, 2, 3]
const FIRST_MS = 250

/** Returns the first `most` attempts. */
function take(candidates: readonly number[], mayStay: boolean, most: number): Attempt[] {
  const taken: Attempt[] = []
  for (const attempt of attempts(candidates, mayStay, FIRST_MS)) if (taken.push(attempt) === most) break
  return taken
}

describe('a flow that can stay where it is', () => {
  test('tries all paths in rounds of longer waits, and in the end the best one until its move fails', () => {
    const tried = take([A, B, C], true, 100)
    expect(tried.slice(0, 4)).toEqual([
      { address: A, waitMs: 250 },
      { address: B, waitMs: 250 },
      { address: C, waitMs: 250 },
      { address: A, waitMs: 500 },
    ])
    expect(tried.length).toBe(13)
    expect(tried.at(-2)).toEqual({ address: C, waitMs: 2000 })
    expect(tried.at(-1)).toEqual({ address: A, waitMs: Infinity })
  })

  test('tries the only other path once, and none if there is none', () => {
    expect(take([A], true, 100)).toEqual([{ address: A, waitMs: Infinity }])
    expect(take([], true, 100)).toEqual([])
  })
})

const anyCandidates = fc.uniqueArray(fc.nat(), { minLength: 2, maxLength: 8 })

test.prop([anyCandidates])('a flow without a path tries each again at least every 30 s, for ever', all => {
  const tried = take(all, false, 40 * all.length)
  expect(tried.length).toBe(40 * all.length)
  expect(tried.map(({ address }) => address)).toEqual(Array.from({ length: 40 }, () => all).flat())
  for (const { waitMs } of tried) expect(waitMs).toBeLessThanOrEqual(30_000)
})
