import { expect, test } from 'vitest'
import { costOf } from './cost.ts'
import { WORK_PER_TURN } from './turns.ts'

const addresses = Array.from({ length: 2600 }, (_, i) => `[2001:db8::${i.toString(16)}]:1`)

test('a line costs more the more addresses it names: two full ones use up a turn', () => {
  expect(costOf({ type: 'addresses', addresses })).toBeGreaterThan(WORK_PER_TURN / 2)
  expect(costOf({ type: 'hello', addresses, rules: 'asked' })).toBeGreaterThan(WORK_PER_TURN / 2)
  expect(costOf({ type: 'addresses', addresses: ['192.0.2.1:1'] })).toBeLessThan(4)
})

test('no line is free', () => {
  expect(costOf({ type: 'statistics', instances: [] })).toBe(1)
})
