import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { Latest } from './latest.ts'

test.prop([fc.array(fc.nat(9)), fc.integer({ min: 1, max: 5 })])(
  'keeps the keys that were set last, in the order in which they were set',
  (keys, most) => {
    const latest = new Latest<number, number>(most)
    for (const [value, key] of keys.entries()) latest.set(key, value)
    const expected = keys.filter((key, i) => keys.lastIndexOf(key) === i).slice(-most)
    expect([...latest]).toEqual(expected.map(key => [key, keys.lastIndexOf(key)]))
  },
)
