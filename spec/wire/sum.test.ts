import fc from 'fast-check'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { checksumOf, foldSum, INTACT, internetSum, pseudoSum, seal } from './sum.ts'
import { naiveSum } from './testing/naive.ts'
import { MOST_WIDE } from './wideSum.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

test('the example of RFC 1071, 3', () => {
  const example = bytes('0001f203f4f5f6f7')
  expect(internetSum(example, 0, 8)).toBe(0x2ddf0)
  expect(foldSum(0x2ddf0)).toBe(0xddf2)
  expect(checksumOf(0x2ddf0)).toBe(0x220d)
})

test('a last odd byte counts as if a 0 followed, whatever really follows', () => {
  expect(internetSum(bytes('0102037f'), 0, 3, 5)).toBe(0x0102 + 0x0300 + 5)
})

test('sums any part of any bytes like a naive sum of words', () => {
  const part = fc
    .uint8Array({ maxLength: 300, size: 'max' })
    .chain(all => fc.tuple(fc.constant(all), fc.nat(all.length), fc.nat(all.length)))
  fc.assert(
    fc.property(part, ([all, a, b]) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)]
      expect(foldSum(internetSum(all, start, end))).toBe(naiveSum(all.subarray(start, end)))
    }),
  )
})

test('sums of parts add up if each part has an even number of bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), fc.nat(149), (all, half) => {
      const middle = Math.min(2 * half, all.length & ~1)
      const first = internetSum(all, 0, middle, 7)
      const whole = foldSum(internetSum(all, 0, all.length, 7))
      expect(foldSum(internetSum(all, middle, all.length, first))).toBe(whole)
    }),
  )
})

test('the largest sums are exact', () => {
  const ones = new Uint8Array(1 << 20).fill(0xff)
  const sum = internetSum(ones, 0, ones.length, 0xffffffff)
  expect(foldSum(sum)).toBe(0xffff)
  expect(foldSum(0xffffffff)).toBe(0xffff)
})

test('sums bytes that exceed the wide buffer, also from odd offsets', () => {
  // No two pieces of it have the same sum.
  const all = Uint8Array.from({ length: 3 * MOST_WIDE }, (_, i) => (i * i) >>> 7)
  for (const start of [0, 1, 63])
    for (const more of [-65, -64, -1, 0, 1, 2, 64, MOST_WIDE + 1]) {
      const end = start + MOST_WIDE + more
      expect(foldSum(internetSum(all, start, end))).toBe(naiveSum(all.subarray(start, end)))
      const alone = all.slice(0, end)
      expect(foldSum(internetSum(alone, start, end))).toBe(naiveSum(alone.subarray(start)))
    }
})

test('sealed bytes are intact, and with one changed bit they are not', () => {
  const some = fc.uint8Array({ minLength: 4, maxLength: 60 })
  fc.assert(
    fc.property(some, fc.nat(), fc.nat(7), fc.nat(0xffff), (all, at, bit, sum) => {
      all[2] = 0
      all[3] = 0
      seal(all, 0, all.length, 2, sum)
      expect(foldSum(internetSum(all, 0, all.length, sum))).toBe(INTACT)
      all[at % all.length] = must(all[at % all.length]) ^ (1 << bit)
      expect(foldSum(internetSum(all, 0, all.length, sum))).not.toBe(INTACT)
    }),
  )
})

test('the pseudo-header covers both addresses, protocol and length', () => {
  const written = bytes('0a0100010a010002000600ff')
  expect(pseudoSum(0x0a010001, 0x0a010002, 6, 255)).toBe(internetSum(written, 0, 12))
  expect(pseudoSum(0xfffefffd, 0xfffcfffb, 17, 0x12345)).toBe(
    0xfffe + 0xfffd + 0xfffc + 0xfffb + 17 + 1 + 0x2345,
  )
})
