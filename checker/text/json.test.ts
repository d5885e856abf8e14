import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonError, parseJson, shown } from './json.ts'

const LIMITS = { characters: 1000, depth: 4, values: 20 }

test('a text within its limits parses as with JSON.parse', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
      const text = JSON.stringify(value)
      const wide = { characters: text.length, depth: 100, values: text.length + 1 }
      expect(parseJson(text, wide)).toEqual(JSON.parse(text))
    }),
  )
})

test.for([
  ['"'.padEnd(1002, 'x'), /longer than 1000/],
  ['[[[[[1]]]]]', /nested more than 4/],
  [`[${'0,'.repeat(20)}0]`, /more than 20 values/],
  ['{"a":', /wrong syntax/],
  ['\u001b[2J', /wrong syntax/],
] as const)('the error for %.20s does not quote it', ([text, message]) => {
  expect(() => parseJson(text, LIMITS)).toThrow(message)
  expect(() => parseJson(text, LIMITS)).toThrow(JsonError)
  expect(() => parseJson(text, LIMITS)).not.toThrow('\u001b')
})

test('brackets, commas and escaped quotes in strings do not count', () => {
  const text = JSON.stringify(['[[[[[[{{{{{"\\"\\\\', ','.repeat(100)])
  expect(parseJson(text, LIMITS)).toEqual(JSON.parse(text))
})

test('a value is shown as JSON, cut at its limit, however deep it is', () => {
  expect(shown({ a: [1, 'x', null], b: true })).toBe('{"a":[1,"x",null],"b":true}')
  expect(shown(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)), 10)).toBe('[[[[[[[[[[...')
  expect(shown('x'.repeat(1e6), 10)).toBe('"xxxxxxxxx...')
})
