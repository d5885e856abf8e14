import { createHash } from 'node:crypto'
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

test('the hash is the first 64 bits of SHA-256 over the secret and the numbers', () => {
  const input = Buffer.alloc(48, 1)
  for (const [i, number] of [0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff].entries())
    input.writeUInt32BE(number, 32 + 4 * i)
  const digest = createHash('sha256').update(input).digest()
  const bits = { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) }
  expect(hash(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff)).toEqual(bits)
})

test('of a number the lowest 32 bits count, signed or not', () => {
  expect(hash(-1, 2 ** 32 + 5)).toEqual(hash(2 ** 32 - 1, 5, 0, 0))
})
