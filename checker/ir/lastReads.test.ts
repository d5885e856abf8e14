import { expect, test } from 'vitest'
import { bounded } from './bounded.ts'
import { binary, get, number } from './expression.ts'
import type { Stmt, System } from './ir.ts'
import { lastReads } from './lastReads.ts'

const set = (name: string, value: number): Stmt => ({ do: 'set', name, value: number(value) })
const choice = (yes: Stmt[], no: Stmt[]): Stmt => ({
  do: 'if',
  test: binary('==', get('x'), number(0)),
  yes,
  no,
})
const copy: Stmt = { do: 'set', name: 'x', value: get('l#0') }

/** Returns the last statement of a body that sets a local in one of two branches, after bounding. */
function boundedAfter(one: number, other: number): Stmt | undefined {
  const inner = choice([set('l#0', one)], [set('l#0', other)])
  const body = [choice([inner], [set('l#0', 0)]), copy]
  const rule = { name: 'go', kind: 'protocol', helps: false, guard: number(1), body } as const
  const system: System = {
    ...{ name: 'small', variables: [{ name: 'x', bits: 3, initial: 0 }], scratch: [], rules: [rule] },
    ...{ invariants: [], recoveries: [], liveness: [], witnesses: [], final: number(1), coverage: [] },
  }
  return bounded(system).rules[0]?.body.at(-1)
}

test('each name is given the last statement that reads it', () => {
  const last = lastReads([choice([copy], [set('l#0', 1)]), choice([], [copy]), set('l#0', 2)])
  expect([...last]).toEqual([
    ['x', 4],
    ['l#0', 5],
  ])
})

test('a local that is read after branches has the values of all of them', () => {
  expect(boundedAfter(5, 7)).toEqual(copy)
  expect(boundedAfter(5, 8)).toMatchObject({ value: { op: 'check', kind: 'store', most: 7 } })
  expect(boundedAfter(8, 5)).toMatchObject({ value: { op: 'check', kind: 'store', most: 7 } })
})
