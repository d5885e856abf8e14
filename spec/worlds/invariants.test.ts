import { expect, test } from 'vitest'
import * as authority from './flow/invariants/authority.ts'
import { liveness, recoveries, safety } from './invariants.ts'

const all = [...safety, ...recoveries, ...liveness]

test('a name stands for one property, and a number for one of its kind', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  expect(new Set(safety.map(({ id }) => id)).size).toBe(safety.length)
  expect(new Set(recoveries.map(({ id }) => id)).size).toBe(recoveries.length)
  expect(new Set(liveness.map(({ id }) => id)).size).toBe(liveness.length)
})

test('names have the form off-path-injection, numbers that of 3, 3b or, if prompt, 3p', () => {
  expect(all.filter(({ name }) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([])
  expect(all.filter(({ id }) => !/^[1-9]\d?[b-hp]?$/.test(id))).toEqual([])
})

test('constants are called like the properties', () => {
  const camelCase = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  expect(Object.values(authority).map(({ name }) => camelCase(name))).toEqual(Object.keys(authority))
})
