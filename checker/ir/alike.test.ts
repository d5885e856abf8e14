import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systems } from '../testing/systems.ts'
import { at } from '../text/at.ts'
import { joinAlike, WHICH } from './alike.ts'
import { evaluate, run } from './interpret.ts'
import type { Expr, Rule, Stmt, System } from './ir.ts'

const joinedOf = ({ rules }: System) => joinAlike(rules.map((rule, number) => ({ rule, number })))

test('a joined rule does the same as the rule whose number it gets', () => {
  let joined = 0
  fc.assert(
    fc.property(systems, fc.array(fc.nat(7), { minLength: 4, maxLength: 4 }), (system, values) => {
      const begin = Object.fromEntries(system.variables.map(({ name }, index) => [name, at(values, index)]))
      const groups = joinedOf(system)
      expect(groups.flatMap(({ numbers }) => numbers)).toEqual(system.rules.map((_, number) => number))
      for (const { numbers, rule } of groups) {
        joined += numbers.length - 1
        for (const number of numbers) {
          const own = at(system.rules, number)
          const outcome = ({ guard, body }: Rule, cells: Record<string, number>) => {
            const after = { ...begin, told: 0, counted: 0, ...cells }
            const counts = system.coverage.map(() => 0)
            const isEnabled = evaluate(guard, after) !== 0
            run(body, after, counts)
            return { isEnabled, after: { ...after, [WHICH]: 0 }, counts }
          }
          expect(outcome(rule, { [WHICH]: number })).toEqual(outcome(own, {}))
        }
      }
    }),
    { numRuns: 500 },
  )
  expect(joined).toBeGreaterThan(200)
})

const get = (name: string): Expr => ({ op: 'get', name })
const set = (name: string, value: Expr): Stmt => ({ do: 'set', name, value })
const LONG = Array.from({ length: 40 }, (_, index) => set(`v${index}`, get('v0')))
const rule = (name: string, guard: Expr, body: readonly Stmt[]): Rule => ({
  ...{ name, kind: 'protocol', helps: false, guard, body },
})

test('only neighbours whose bodies mostly end alike are joined', () => {
  const rules = [
    rule('a', get('x'), [set('p', get('x')), ...LONG]),
    rule('b', get('x'), [set('p', get('y')), ...LONG]),
    rule('short', get('x'), [set('p', get('x'))]),
    rule('c', get('x'), LONG),
    rule('other', get('x'), [...LONG, ...LONG, ...LONG.toReversed()]),
  ]
  const groups = joinAlike(rules.map((each, index) => ({ rule: each, number: 10 + index })))
  expect(groups.map(({ numbers }) => numbers)).toEqual([[10, 11], [12], [13], [14]])
  expect(at(groups, 0).rule.guard).toEqual(get('x'))
  expect(at(groups, 2).rule).toBe(rules[3])
})
