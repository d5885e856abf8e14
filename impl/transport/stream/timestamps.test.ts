import { expect, test } from 'vitest'
import { Timestamps } from './timestamps.ts'

const DAY_MS = 24 * 60 * 60 * 1000

test('ticks once per millisecond, from any start, and wraps', () => {
  const timestamps = new Timestamps(0xffffffff)
  expect([0, 0.9, 1, 2].map(now => timestamps.value(now))).toEqual([0xffffffff, 0xffffffff, 0, 1])
  expect(timestamps.value(2 ** 40)).toBe(0xffffffff)
})

test('computes the age of an echo, also across the wrap', () => {
  const timestamps = new Timestamps(0xfffffff0)
  expect(timestamps.age(timestamps.value(10), 30)).toBe(20)
})

test('PAWS (RFC 7323, 5.3): only a timestamp before the latest is old, also across the wrap', () => {
  const timestamps = new Timestamps(0)
  timestamps.take(5, 1000)
  expect([4, 5, 6, 0xfffffff0].map(value => timestamps.isOld(value, 1001))).toEqual([
    true,
    false,
    false,
    true,
  ])
})

test('PAWS (5.5): the latest timestamp expires after 24 days', () => {
  const timestamps = new Timestamps(0)
  timestamps.take(5, 1000)
  expect(timestamps.isOld(4, 1000 + 24 * DAY_MS - 1)).toBe(true)
  expect(timestamps.isOld(4, 1000 + 24 * DAY_MS)).toBe(false)
})
