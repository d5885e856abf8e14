import { expect, test } from 'vitest'
import { halfSipHash } from './halfSipHash.ts'

test('returns the published value: key 00 to 07, message 00 to 03', () => {
  expect(halfSipHash(0x0302_0100, 0x0706_0504, 0x0302_0100) >>> 0).toBe(0x8946_6e2a)
})
