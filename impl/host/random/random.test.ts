import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { type RandomSource, randomFraction, randomUint32, seededRandom, systemRandom } from './random.ts'
import { seededXoshiro128 } from './xoshiro.ts'

/** Returns these words, then the last one forever. */
const giving = (...words: readonly number[]): RandomSource => {
  let at = 0
  return bytes => {
    for (let i = 0; i < bytes.length; i += 4) {
      const word = must(words[Math.min(at++, words.length - 1)])
      for (let j = 0; j < 4 && i + j < bytes.length; j++) bytes[i + j] = word >>> (8 * j)
    }
  }
}

describe.each([
  ['seededRandom', () => seededRandom(3)],
  ['systemRandom', systemRandom],
] as const)('%s', (_name, make) => {
  test('fills exactly the given bytes', () => {
    const random = make()
    for (const length of [0, 1, 3, 4, 5, 100, 4095, 4096, 4097, 10_000, 7]) {
      const around = new Uint8Array(length + 16)
      // A byte stays 0 in 12 fillings with probability 2^-96.
      const seen = new Uint8Array(length)
      for (let i = 0; i < 12; i++) {
        random(around.subarray(8, 8 + length))
        around.subarray(8, 8 + length).forEach((byte, at) => {
          seen[at] = must(seen[at]) | byte
        })
      }
      expect(seen.indexOf(0)).toBe(-1)
      expect([...around.subarray(0, 8), ...around.subarray(8 + length)]).toEqual(Array(16).fill(0))
    }
  })

  test('never repeats itself', () => {
    const random = make()
    const given = Array.from({ length: 5000 }, () => {
      const bytes = new Uint8Array(8)
      random(bytes)
      return Buffer.from(bytes).toString('hex')
    })
    expect(new Set(given).size).toBe(given.length)
  })
})

test('a seed reproduces its bytes, another seed gives others', () => {
  const bytesOf = (seed: number) => {
    const bytes = new Uint8Array(40)
    seededRandom(seed)(bytes)
    return bytes
  }
  expect(bytesOf(5)).toEqual(bytesOf(5))
  expect(bytesOf(5)).not.toEqual(bytesOf(6))
})

test('a seed gives the bytes of its draws, lowest first', () => {
  const bytes = new Uint8Array(8)
  seededRandom(5)(bytes)
  const draw = seededXoshiro128(5)
  const [first, second] = [draw(), draw()]
  const byte = (word: number, n: number) => (word >>> (8 * n)) & 255
  expect([...bytes]).toEqual(
    [0, 1, 2, 3].map(n => byte(first, n)).concat([0, 1, 2, 3].map(n => byte(second, n))),
  )
})

test('numbers of 32 bits use all 32', () => {
  for (const word of [0, 1, 0xff, 0x1234_5678, 0x8000_0000, 0xffff_ffff])
    expect(randomUint32(giving(word))).toBe(word)
})

test('fractions lie in [0, 1), and reach both ends', () => {
  const word = fc.nat(2 ** 32 - 1)
  fc.assert(
    fc.property(word, word, (a, b) => {
      const fraction = randomFraction(giving(a, b))
      expect(fraction).toBeGreaterThanOrEqual(0)
      expect(fraction).toBeLessThan(1)
      expect(Math.abs(fraction - a / 2 ** 32)).toBeLessThan(2 ** -26)
    }),
  )
  expect(randomFraction(giving(0))).toBe(0)
  expect(randomFraction(giving(0xffff_ffff))).toBe(1 - 2 ** -53)
})
