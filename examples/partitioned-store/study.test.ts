import { describe, expect, test } from 'vitest'
import { Timeline } from '../pictures/timeline.ts'
import { conclude } from './study.ts'
import { NAMES } from './watch.ts'

const all = { one: 'a', two: 'b', three: 'c', four: 'd' }
const stage = (servers: Readonly<Record<string, string>>) => ({ step: '', atMs: 0, fetched: 0, servers })

const seen = (without: Readonly<Record<string, string>>, after = all, failures: readonly string[] = []) =>
  conclude({
    stages: [stage(all), stage({ ...all, ...without }), stage(after)],
    failures,
    timeline: new Timeline(NAMES, () => 0),
  }).holds

describe('the claim', () => {
  test("holds when another answers for b's keys until it is back", () => {
    expect(seen({ two: 'a' })).toBe(true)
  })

  test('does not when a request failed', () => {
    expect(seen({ two: 'a' }, all, ['ETIMEDOUT'])).toBe(false)
  })

  test('does not when b still answers', () => {
    expect(seen({})).toBe(false)
  })

  test('does not when a key moved that was not of b', () => {
    expect(seen({ two: 'a', three: 'd' })).toBe(false)
  })

  test('does not when b gets nothing back', () => {
    expect(seen({ two: 'a' }, { ...all, two: 'a' })).toBe(false)
  })
})
