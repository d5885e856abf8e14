import { expect, expectTypeOf, test } from 'vitest'
import { at, must } from './at.ts'

test('at returns an element, typed as present', () => {
  expect(at(new Int32Array([5, 6]), 1)).toBe(6)
  expect(at(['a', undefined], 1)).toBe(undefined)
  expectTypeOf(at(['a'], 0)).toEqualTypeOf<string>()
})

test('must returns a present value, even a falsy one', () => {
  expect([must(0), must(''), must(false)]).toEqual([0, '', false])
  expectTypeOf(must(new Map([[1, 'a']]).get(1) ?? null)).toEqualTypeOf<string>()
})

test('must names a missing value', () => {
  expect(() => must(undefined, 'the shape of flow')).toThrow('the shape of flow is missing')
  expect(() => must(null)).toThrow('a value is missing')
})
