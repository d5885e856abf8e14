import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VERNO_SPACE } from './registers.ts'
import { next, notBefore, previous } from './serial.ts'

describe.each([16, VERNO_SPACE])('on a circle of %d versions', space => {
  /** Any version, often near the wrap-around. */
  const versions = fc.oneof(
    fc.bigInt({ min: 0n, max: BigInt(space - 1) }).map(Number),
    fc.nat(3),
    fc.nat(3).map(n => space - 1 - n),
  )
  const distances = fc.oneof(
    fc.bigInt({ min: 0n, max: BigInt(space / 2 - 1) }).map(Number),
    fc.constantFrom(0, 1, space / 2 - 1),
  )
  /** The same with exact arithmetic. */
  const ahead = (v: number, by: number) => Number((BigInt(v) + BigInt(by)) % BigInt(space))

  test('next and previous wrap, and undo each other', () => {
    fc.assert(
      fc.property(versions, v => {
        expect(next(v, space)).toBe(ahead(v, 1))
        expect(previous(v, space)).toBe(ahead(v, space - 1))
        expect(previous(next(v, space), space)).toBe(v)
      }),
    )
    expect(next(space - 1, space)).toBe(0)
    expect(previous(0, space)).toBe(space - 1)
  })

  test('notBefore: half of the circle is after, the other half before (RFC 1982)', () => {
    fc.assert(
      fc.property(versions, distances, (v, by) => {
        expect(notBefore(ahead(v, by), v, space)).toBe(true)
        expect(notBefore(v, ahead(v, by), space)).toBe(by === 0)
      }),
    )
  })

  test('the opposite point of the circle is not after, from either side', () => {
    fc.assert(
      fc.property(versions, v => {
        const opposite = ahead(v, space / 2)
        expect([notBefore(opposite, v, space), notBefore(v, opposite, space)]).toEqual([false, false])
      }),
    )
  })
})
