import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Expr, Stmt, System } from '../../spec/lower/ir.ts'
import { evaluate } from './naive.ts'
import { Names } from './names.ts'
import { Ranges } from './ranges.ts'
import { expressions } from './systems.ts'
import { toy } from './toy.ts'

const BITS = { v: 3, w: 5 }
const system: System = {
  ...toy({ capacity: 1, moves: 1, tries: 1 }),
  variables: Object.entries(BITS).map(([name, bits]) => ({ name, bits, initial: 0 })),
}
const NAMES = ['v', 'w', 'x', 'y']

test('what is said to fit does', () => {
  const stores = fc
    .tuple(fc.constantFrom(...NAMES), expressions(NAMES))
    .map(([name, value]): Stmt & { do: 'set' } => ({ do: 'set', name, value }))
  let fitting = 0
  fc.assert(
    fc.property(fc.array(stores, { maxLength: 6 }), fc.nat(7), fc.nat(31), (body, v, w) => {
      const ranges = new Ranges(system, new Names(system), body)
      const values: Record<string, number> = { v, w, x: 0, y: 0 }
      for (const { name, value } of body) {
        values[name] = evaluate(value, values)
        if (!(name in BITS)) continue
        const isInRange = values[name]! >>> BITS[name as 'v' | 'w'] === 0
        if (ranges.fit(name, value)) {
          expect(isInRange).toBe(true)
          fitting++
        } else if (!isInRange) return
      }
    }),
    { numRuns: 3000 },
  )
  expect(fitting).toBeGreaterThan(1000)
})

test('a value that went through cells is known to fit, one that counts up in a cell is not', () => {
  const get = (name: string): Expr => ({ op: 'get', name })
  const more = (name: string): Expr => ({ op: '+', left: get(name), right: { op: 'number', value: 1 } })
  const body: Stmt[] = [
    { do: 'set', name: 'x', value: get('v') },
    { do: 'set', name: 'y', value: more('y') },
  ]
  const ranges = new Ranges(system, new Names(system), body)
  expect(ranges.fit('v', get('x'))).toBe(true)
  expect(ranges.fit('v', more('x'))).toBe(false)
  expect(ranges.fit('w', more('x'))).toBe(true)
  expect(ranges.fit('w', get('y'))).toBe(false)
})
