import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { distance, positionOf, wireOf } from './serial.ts'

const number = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const HALF = 2 ** 31

describe('positions and numbers', () => {
  test('a number maps back to its position, however long the stream, from any initial number', () => {
    const property = fc.property(
      number,
      fc.integer({ min: 0, max: 2 ** 50 }),
      fc.integer({ min: -HALF, max: HALF - 1 }),
      (origin, near, ahead) => {
        expect(positionOf(wireOf(near + ahead, origin), origin, near)).toBe(near + ahead)
      },
    )
    fc.assert(property)
  })

  test.each([
    [0xffffffff, 0, 1],
    [0, 0xffffffff, -1],
    [0x7fffffff, 0x80000000, 1],
    [0x80000000, 0x7fffffff, -1],
    [5, 5, 0],
  ])('from %i to %i it is %i', (from, to, expected) => {
    expect(distance(from, to)).toBe(expected)
  })
})
