import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expressions } from '../testing/systems.ts'
import { evaluate } from './interpret.ts'
import type { Expr } from './ir.ts'
import { simplify } from './simplify.ts'

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
