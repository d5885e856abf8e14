import { describe, expect, test } from 'vitest'
import type { Expr, Rule, System } from '../ir/ir.ts'
import { explore } from '../search/explore.ts'
import { toy } from '../testing/toy.ts'
import { at } from '../text/at.ts'
import { MOST_CODES } from './wasm/dictionary.ts'

const get = (name: string): Expr => ({ op: 'get', name })
const number = (value: number): Expr => ({ op: 'number', value })

/**
 * Four variables, each in a word of its own: the given number of bits of the first and one bit of each other
 * can be set, in any order.
 */
function bitsOf(wide: number): System {
  const rules = [
    ...Array.from({ length: wide }, (_, bit) => ['a', bit] as const),
    ...['b', 'c', 'd'].map(name => [name, 0] as const),
  ].map(
    ([name, bit]): Rule => ({
      name: `set ${name} ${bit}`,
      kind: 'protocol',
      helps: false,
      guard: { op: '!', of: { op: '&', left: get(name), right: number(2 ** bit) } },
      body: [{ do: 'set', name, value: { op: '|', left: get(name), right: number(2 ** bit) } }],
    }),
  )
  return {
    ...toy({ capacity: 1, moves: 1, tries: 1 }),
    name: 'bits',
    variables: ['a', 'b', 'c', 'd'].map(name => ({ name, bits: 20, initial: 0 })),
    scratch: [],
    rules,
    invariants: [
      { id: 'not all', holds: { op: '!=', left: get('a'), right: number(2 ** wide - 1) }, ofStep: false },
    ],
    recoveries: [{ id: 'ends', when: number(1), goal: { op: '&', left: get('b'), right: get('d') } }],
    liveness: [],
    witnesses: [],
    final: number(1),
    coverage: [],
  }
}

describe.for([1, 2, 3])('%i workers', workers => {
  test('states are stored as codes of their words', async () => {
    const found = await explore(bitsOf(13), { workers, memoryMb: 64 })
    expect(2 ** 13).toBeLessThanOrEqual(MOST_CODES)
    expect(found.distinct).toBe(2 ** 16)
    // Two words of codes, the parent, a mark, and at most ten bytes of the table.
    expect(found.bytesPerState).toBeLessThan(4 * 2 + 4 + 1 + 10)
    expect(found.violations.map(({ id, rules }) => [id, rules.length])).toEqual([['not all', 13]])
  })

  test('a word with more values than codes is stored without codes', async () => {
    const found = await explore(bitsOf(14), { workers, memoryMb: 64 })
    expect(2 ** 14).toBeGreaterThan(MOST_CODES)
    expect(found.distinct).toBe(2 ** 17)
    expect(found.bytesPerState).toBeGreaterThan(4 * 4 + 4 + 1)
    expect(found.violations.map(({ id, rules }) => [id, rules.length])).toEqual([['not all', 14]])
    expect(at(found.violations, 0).states.at(-1)).toEqual({ a: 2 ** 14 - 1, b: 0, c: 0, d: 0 })
  })
})
