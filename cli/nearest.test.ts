import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { distance, suggestion } from './nearest.ts'

describe('mistyped names', () => {
  test('distance is a metric', () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') })
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(distance(a, a)).toBe(0)
        expect(distance(a, b)).toBe(distance(b, a))
        expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c))
        expect(distance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length))
      }),
    )
    expect(distance('kitten', 'sitting')).toBe(3)
  })

  test('the nearest name is suggested if it is near', () => {
    expect(suggestion('croosing', ['two-party', 'crossing'])).toMatch(/^; did you mean 'crossing'\?/)
    expect(suggestion('D99', ['D1'])).toBe('; there are D1')
    expect(suggestion('x', [])).toBe('; there are none')
  })
})
