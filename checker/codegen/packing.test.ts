import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layOut, pack, unpack } from './packing.ts'

const widths = fc.array(fc.integer({ min: 1, max: 31 }), { maxLength: 20 })
const variablesOf = (bits: readonly number[]) =>
  bits.map((bits, index) => ({ name: `v${index}`, bits, initial: 0 }))

test('fields lie within words and do not overlap', () => {
  fc.assert(
    fc.property(widths, bits => {
      const { words, fields } = layOut(variablesOf(bits))
      const taken = new Set<number>()
      fields.forEach((field, index) => {
        expect(field.bits).toBe(bits[index])
        expect(field.shift + field.bits).toBeLessThanOrEqual(32)
        for (let bit = 0; bit < field.bits; bit++) taken.add(32 * field.word + field.shift + bit)
      })
      expect(taken.size).toBe(bits.reduce((sum, each) => sum + each, 0))
      expect(Math.max(0, ...taken)).toBeLessThan(32 * words)
    }),
  )
})

test('a variable that nothing stores to takes no room and keeps its value', () => {
  const variables = [
    { name: 'a', bits: 31, initial: 7 },
    { name: 'b', bits: 3, initial: 5 },
  ]
  const layout = layOut(variables, name => name === 'b')
  const words = new Int32Array(1)
  pack(layout, [7, 2], words, 0)
  expect(layout.words).toBe(1)
  expect([...words]).toEqual([2])
  expect([...unpack(layout, words, 0)]).toEqual([7, 2])
})

test('the layout takes few words: no two words would fit into one', () => {
  fc.assert(
    fc.property(widths, bits => {
      const { words, fields } = layOut(variablesOf(bits))
      const used = Array.from({ length: words }, (_, word) =>
        fields.filter(field => field.word === word).reduce((sum, field) => sum + field.bits, 0),
      )
      used.forEach((one, at) => {
        for (const other of used.slice(at + 1)) expect(one + other).toBeGreaterThan(32)
      })
    }),
  )
  expect(layOut(variablesOf([16, 20, 12, 16])).words).toBe(2)
})

test('unpacking reverses packing', () => {
  const values = widths.chain(bits =>
    fc.tuple(fc.constant(bits), fc.tuple(...bits.map(width => fc.nat(2 ** width - 1)))),
  )
  fc.assert(
    fc.property(values, ([bits, numbers]) => {
      const layout = layOut(variablesOf(bits))
      const words = new Int32Array(layout.words + 2).fill(-1)
      pack(layout, numbers, words, 1)
      expect([...unpack(layout, words, 1)]).toEqual(numbers)
      expect([words[0], words.at(-1)]).toEqual([-1, -1])
    }),
  )
})
