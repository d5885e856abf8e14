import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Expr } from '../../spec/lower/ir.ts'
import { evaluate } from './naive.ts'
import { greatest, simplify } from './simplify.ts'
import { expressions } from './systems.ts'

const NAMES = ['a', 'b']
const values = fc.record({ a: fc.nat(7), b: fc.nat(7) })
const numRuns = 2000

test('a simplified expression has the same value', () => {
  fc.assert(
    fc.property(expressions(NAMES), values, fc.boolean(), (expr, cells, knowing) => {
      const known = (name: string): Expr | undefined =>
        knowing && name === 'a' ? { op: 'number', value: cells.a } : undefined
      expect(evaluate(simplify(expr, known), cells)).toBe(evaluate(expr, cells))
    }),
    { numRuns },
  )
})

test.for(['==', '!=', '<', '<=', '>', '>=', '-'] as const)('a value %s itself is known', op => {
  const expr: Expr = { op, left: { op: 'get', name: 'a' }, right: { op: 'get', name: 'was.a' } }
  const known = (name: string): Expr | undefined => (name === 'was.a' ? { op: 'get', name: 'a' } : undefined)
  expect(simplify(expr, known)).toEqual({ op: 'number', value: evaluate(expr, { a: 3, 'was.a': 3 }) })
})

test('no value is greater than the greatest, nor below 0 if that is finite', () => {
  fc.assert(
    fc.property(expressions(NAMES), values, (expr, cells) => {
      const most = greatest(expr, () => 7)
      const value = evaluate(expr, cells)
      expect(value).toBeLessThanOrEqual(most)
      if (most < Number.POSITIVE_INFINITY) expect(value).toBeGreaterThanOrEqual(0)
    }),
    { numRuns },
  )
})
