import { describe, expect, test } from 'vitest'
import type { Expr, Rule, System } from '../ir/ir.ts'
import { explore } from './explore.ts'

const number = (value: number): Expr => ({ op: 'number', value })
const get = (name: string): Expr => ({ op: 'get', name })

describe('assumptions of fairness that are rejected', () => {
  const rule: Rule = {
    name: 'up(1)',
    kind: 'protocol',
    helps: false,
    guard: number(1),
    body: [{ do: 'set', name: 'n', value: { op: '&', left: get('n'), right: number(1) } }],
  }
  const system = (given: Partial<System>): System => ({
    name: 'fair',
    variables: [{ name: 'n', bits: 8, initial: 0 }],
    scratch: [],
    rules: [rule],
    invariants: [],
    recoveries: [],
    liveness: [{ id: 'l', kind: 'stays', when: number(1), goal: number(1) }],
    witnesses: [],
    final: number(1),
    coverage: [],
    ...given,
  })
  const minus: Expr = { op: '-', left: get('n'), right: number(300) }

  test.each([
    [{ rules: [{ ...rule, fair: 'often' as never }] }, "'often'"],
    [
      {
        rules: [
          { ...rule, fair: 'weak' as const },
          { ...rule, name: 'up(2)', fair: 'finite' as const },
        ],
      },
      "'up(1)' and 'up(2)' of one family differ in 'fair'",
    ],
    [{ rules: [{ ...rule, fair: 'weak' as const, each: minus }] }, 'each of rule up(1) may be -300 to -45'],
    [{ rules: [{ ...rule, each: get('m') }] }, 'each of up(1) reads m'],
    [
      {
        liveness: [
          {
            id: 'l',
            kind: 'stays' as const,
            when: number(1),
            goal: number(1),
            under: { down: 'weak' as const },
          },
        ],
      },
      "'down', which no rule is called",
    ],
    [
      {
        liveness: [
          {
            id: 'l',
            kind: 'stays' as const,
            when: number(1),
            goal: number(1),
            under: { up: 'most' as never },
          },
        ],
      },
      "assumes 'most'",
    ],
    [
      { liveness: [{ id: 'deadlock', kind: 'stays' as const, when: number(1), goal: number(1) }] },
      "the checker's own",
    ],
  ])('%j', async (given, message) => {
    await expect(explore(system(given))).rejects.toThrow(message)
  })

  test('a property that is not there is rejected by its id', async () => {
    await expect(explore(system({}), { invariants: ['m'] })).rejects.toThrow('it has deadlock, l')
  })
})
