import fc from 'fast-check'
import { expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { seededXoshiro128, xoshiro128 } from './xoshiro.ts'

const ten = (draw: () => number): readonly number[] => Array.from({ length: 10 }, draw)

test('agrees with the reference implementation', () => {
  // The authors' xoshiro128starstar.c, from the state 1, 2, 3, 4.
  expect(ten(xoshiro128(1, 2, 3, 4))).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ])
})

test('the same seed draws the same', () => {
  const seed = fc.nat(Number.MAX_SAFE_INTEGER)
  fc.assert(
    fc.property(seed, seed, (a, b) => {
      expect(ten(seededXoshiro128(a))).toEqual(ten(seededXoshiro128(a)))
      if (a !== b) expect(ten(seededXoshiro128(a))).not.toEqual(ten(seededXoshiro128(b)))
    }),
  )
})

test('similar seeds, also those that differ only in the high half, give unrelated numbers', () => {
  const seeds = [0, 1, 2, 3, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 52, 2 ** 53 - 1, 0x9e37_79b9, 0xffff_ffff]
  const drawn = seeds.flatMap(seed => ten(seededXoshiro128(seed)))
  expect(new Set(drawn).size).toBe(drawn.length)
})

test('every bit is set in about half of the draws', () => {
  const draw = seededXoshiro128(11)
  const set = new Array<number>(32).fill(0)
  for (let i = 0; i < 4096; i++) {
    const drawn = draw()
    set.forEach((_, bit) => {
      set[bit] = at(set, bit) + ((drawn >>> bit) & 1)
    })
  }
  // Six standard deviations of 32.
  for (const count of set) expect(Math.abs(count - 2048)).toBeLessThan(192)
})
