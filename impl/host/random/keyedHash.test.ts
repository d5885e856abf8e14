import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { keyedHash } from './keyedHash.ts'

const uint32 = fc.nat(2 ** 32 - 1)
const four = fc.tuple(uint32, uint32, uint32, uint32)
const hash = keyedHash(Buffer.alloc(32, 1))

test.prop([four, fc.nat(3), uint32])('every number and the secret count', (numbers, index, other) => {
  fc.pre(numbers[index] !== other)
  const changed = numbers.with(index, other) as typeof numbers
  expect(hash(...numbers)).toEqual(hash(...numbers))
  expect(hash(...changed)).not.toEqual(hash(...numbers))
  expect(keyedHash(Buffer.alloc(32, 2))(...numbers)).not.toEqual(hash(...numbers))
})

test('of a number the lowest 32 bits count, signed or not', () => {
  expect(hash(-1, 2 ** 32 + 5)).toEqual(hash(2 ** 32 - 1, 5, 0, 0))
})

test('every byte of the secret counts', () => {
  const secret = Buffer.alloc(64, 1)
  for (let i = 0; i < secret.length; i++)
    expect(keyedHash(Buffer.from(secret.with(i, 2)))(3, 4)).not.toEqual(keyedHash(secret)(3, 4))
})
