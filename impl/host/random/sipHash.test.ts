import { expect, test } from 'vitest'
import { sipHash } from './sipHash.ts'

test('returns the published value: key 00 to 0f, message 00 to 0f', () => {
  const words = [0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c] as const
  expect(sipHash(Int32Array.from(words), ...words)).toEqual({ high: 0x3f2a_cc7f, low: 0x57c2_9bdb })
})
