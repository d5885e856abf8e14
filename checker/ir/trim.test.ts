import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systems } from '../testing/systems.ts'
import { run } from './interpret.ts'
import type { Stmt } from './ir.ts'
import { trim } from './trim.ts'

const set = (name: string, value: number): Stmt => ({ do: 'set', name, value: { op: 'number', value } })
const isCell = (name: string) => !name.startsWith('v')

test('a trimmed body does the same to variables, wanted cells and coverage', () => {
  const rules = systems.chain(({ rules, variables, coverage }) =>
    fc.record({
      body: fc.constantFrom(...rules).map(({ body }) => body),
      values: fc.record(Object.fromEntries(variables.map(({ name }) => [name, fc.nat(7)]))),
      cells: fc.subarray(['told', 'counted']).map(cells => new Set(cells)),
      coverage: fc.boolean(),
      points: fc.constant(coverage.length),
    }),
  )
  fc.assert(
    fc.property(rules, ({ body, values, cells, coverage, points }) => {
      const outcome = (list: readonly Stmt[]) => {
        const [after, counts] = [{ ...values, told: 0, counted: 0 }, Array<number>(points).fill(0)]
        run(list, after, counts)
        const kept = Object.entries(after).filter(([name]) => !isCell(name) || cells.has(name))
        return [Object.fromEntries(kept), coverage ? counts : []]
      }
      expect(outcome(trim(body, { isCell, cells, coverage }))).toEqual(outcome(body))
    }),
    { numRuns: 2000 },
  )
})

test('statements that nothing needs are removed, with those that only they need', () => {
  const body: Stmt[] = [
    set('said', 1),
    { do: 'if', test: { op: 'get', name: 'said' }, yes: [set('more', 2)], no: [] },
    { do: 'if', test: { op: 'get', name: 'never' }, yes: [set('v', 3)], no: [set('v', 4)] },
    { do: 'cover', point: 0 },
  ]
  const wanted = { isCell, cells: new Set<string>(), coverage: false }
  expect(trim(body, wanted)).toEqual([set('v', 4)])
  expect(trim(body, { ...wanted, cells: new Set(['said']) })).toEqual([set('said', 1), set('v', 4)])
  expect(trim(body, { ...wanted, coverage: true })).toEqual([set('v', 4), { do: 'cover', point: 0 }])
})
