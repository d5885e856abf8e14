import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MOST_NUMBER } from '../../../spec/wire/datagram.ts'
import { FRESH, following, MOST_OLD, OLD, REPEATED, SeenNumbers, WINDOW_NUMBERS } from './seenNumbers.ts'

const COUNT = MOST_NUMBER + 1
const on = (number: number) => ((number % COUNT) + COUNT) % COUNT

test('says of each number whether it has come before, as a set of all of them does, also around the end of the circle', () => {
  const steps = fc.array(fc.integer({ min: -6000, max: 6000 }), { maxLength: 60 })
  const start = fc.oneof(fc.constantFrom(0, 1, MOST_NUMBER, MOST_NUMBER - 2000), fc.nat(MOST_NUMBER))
  fc.assert(
    fc.property(start, steps, (first, jumps) => {
      const seen = new SeenNumbers()
      const model = new Set([first])
      let newest = first
      expect(seen.take(first)).toBe(FRESH)
      for (const jump of jumps) {
        const number = newest + jump
        const expected = jump <= -WINDOW_NUMBERS ? OLD : model.has(number) ? REPEATED : FRESH
        expect(seen.take(on(number))).toBe(expected)
        if (expected !== OLD) model.add(number)
        newest = Math.max(newest, number)
      }
    }),
  )
})

test('forgets what came before a jump of any length', () => {
  for (const jump of [31, 32, 33, WINDOW_NUMBERS, 4096, 4097, 1e6, 2 ** 28 - 1]) {
    const seen = new SeenNumbers()
    for (let i = 0; i < 64; i++) seen.take(i)
    expect(seen.take(63 + jump)).toBe(FRESH)
    // Of the window, what was jumped over is fresh.
    let fresh = 0
    const skipped = Math.min(jump, WINDOW_NUMBERS)
    for (let behind = 1; behind < skipped; behind++) if (seen.take(63 + jump - behind) === FRESH) fresh++
    expect(fresh).toBe(skipped - 1)
  }
})

test('begins again after many old numbers in a row, which anything else interrupts', () => {
  const seen = new SeenNumbers()
  seen.take(100_000)
  for (let i = 0; i < MOST_OLD; i++) expect(seen.take(i)).toBe(OLD)
  expect(seen.take(100_001)).toBe(FRESH)
  for (let i = 0; i < MOST_OLD; i++) expect(seen.take(i)).toBe(OLD)
  expect([seen.take(MOST_OLD), seen.take(MOST_OLD), seen.take(MOST_OLD - 1)]).toEqual([
    FRESH,
    REPEATED,
    FRESH,
  ])
})

test('a path that was stalled delivers no duplicates, although many arrive at once', () => {
  const seen = new SeenNumbers()
  for (let i = 0; i < 6000; i++) seen.take(i)
  const taken = new Set(Array.from({ length: 1000 }, (_, i) => seen.take(i)))
  expect([...taken]).toEqual([OLD])
})

test('the number after the last one is the first', () => {
  expect([following(0), following(MOST_NUMBER)]).toEqual([1, 0])
})
