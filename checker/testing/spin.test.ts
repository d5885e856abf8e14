import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { promela } from '../codegen/promela/promela.ts'
import type { Expr, Rule, Stmt, System } from '../ir/ir.ts'
import { explore } from '../search/explore.ts'
import { arbitrarySystem } from './arbitrary.ts'
import { SLOW } from './limits.ts'
import { exploreNaively } from './naiveCounts.ts'
import { parsePan } from './report.ts'
import { countStates, hasSpin } from './spin.ts'
import { toy } from './toy.ts'

const here = hasSpin()
const dir = mkdtempSync(join(tmpdir(), 'serval-spin-'))
afterAll(() => rmSync(dir, { recursive: true }))

const get = (name: string): Expr => ({ op: 'get', name })
const both = (left: Expr, right: Expr): Expr => ({ op: '&&', left, right })

/** Quick to compile and to start. */
const QUICK = { dir, flags: ['-O0'], depth: 1000, hashBits: 16 }

describe.runIf(here)('SPIN agrees', SLOW, () => {
  test.for([
    { capacity: 1, moves: 1, tries: 0 },
    { capacity: 2, moves: 2, tries: 1 },
  ])('with the checker and the naive search on the toy world %o', async bounds => {
    const system = toy(bounds)
    const naive = exploreNaively(system)
    for (const storage of ['words', 'bits'] as const) {
      const spin = await countStates(promela(system, { storage }), QUICK)
      expect(spin).toMatchObject({ distinct: naive.distinct, transitions: naive.transitions })
    }
    expect(naive.broken).toEqual(new Set())
    const checked = await explore(system)
    expect(checked).toMatchObject({ distinct: naive.distinct, generated: naive.transitions })
  })

  test('with the naive search on random systems', async () => {
    const cases = fc.record({
      system: arbitrarySystem,
      storage: fc.constantFrom('words' as const, 'bits' as const),
      asserts: fc.boolean(),
      bodies: fc.constantFrom('promela' as const, 'c' as const),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ system, ...options }) => {
        const naive = exploreNaively(system)
        const spin = await countStates(promela(system, options), QUICK)
        const breaks = options.asserts && naive.broken.size > 0
        expect(spin.violated !== undefined).toBe(breaks)
        if (!breaks) expect(spin).toMatchObject({ distinct: naive.distinct, transitions: naive.transitions })
      }),
      { numRuns: 5 },
    )
  })

  test('whatever the names are, and on guards of several lines', async () => {
    const words =
      'do int linux now depth main II MA BFS _pid free char case short end timeout trpt P0 boq len x X'
    const names = words.split(' ')
    const differ = names.slice(1).map((name): Expr => ({ op: '!=', left: get(name), right: get('do') }))
    const flip = (name: string): Stmt => ({ do: 'set', name, value: { op: '!', of: get(name) } })
    const named = (name: string, guard: Expr, body: Stmt[]): Rule => {
      return { name, kind: 'protocol', helps: false, guard, body }
    }
    const system: System = {
      ...toy({ capacity: 1, moves: 0, tries: 0 }),
      variables: names.map(name => ({ name, bits: 1, initial: 0 })),
      scratch: names.map(name => `${name}_`),
      rules: [
        named('all but the first', { op: '!', of: get('x') }, names.slice(1).map(flip)),
        named('the first', differ.reduce(both), ['do', ...names.map(name => `${name}_`)].map(flip)),
      ],
      invariants: [],
    }
    expect(exploreNaively(system)).toMatchObject({ distinct: 3, transitions: 2 })
    expect(await countStates(promela(system), QUICK)).toMatchObject({ distinct: 3, transitions: 2 })
  })

  test('on rules that are too long for SPIN’s own statements', async () => {
    // Distinguishes the results of 2000 assignments, in each branch of a choice that is too long for one
    // block of C.
    const add = (by: number): Stmt => {
      const value: Expr = { op: '+', left: get('sum'), right: { op: 'number', value: by } }
      return { do: 'set', name: 'sum', value: { op: '&', left: value, right: { op: 'number', value: 255 } } }
    }
    const long = (by: number) => Array.from({ length: 2000 }, () => add(by))
    const cases = [0, 1, 2].map(value => ({ value, body: long(value) }))
    const on: Expr = { op: '%', left: get('sum'), right: { op: 'number', value: 5 } }
    const branch: Stmt = {
      do: 'switch',
      on,
      cases,
      otherwise: [{ do: 'if', test: on, yes: long(3), no: [] }],
    }
    const guard: Expr = { op: 'number', value: 1 }
    const system: System = {
      ...toy({ capacity: 1, moves: 0, tries: 0 }),
      variables: [{ name: 'sum', bits: 8, initial: 1 }],
      rules: [{ name: 'long', kind: 'protocol', helps: false, guard, body: [add(7), branch, add(9)] }],
      invariants: [],
    }
    const { distinct, transitions } = exploreNaively(system)
    expect(distinct).toBeGreaterThan(5)
    expect(await countStates(promela(system), QUICK)).toMatchObject({ distinct, transitions })
  })

  test('that a search may be deeper than its first stack', async () => {
    const system = toy({ capacity: 2, moves: 1, tries: 1 })
    const shallow = await countStates(promela(system), { ...QUICK, depth: 5 })
    expect(shallow.distinct).toBe(exploreNaively(system).distinct)
    expect(shallow.depth).toBeGreaterThan(5)
  })

  test('that a text is not Promela', async () => {
    await expect(countStates('init { do :: x }', QUICK)).rejects.toMatchObject({ code: 'SPN002' })
  })

  test('that a search may need more memory than it has', async () => {
    const system = toy({ capacity: 3, moves: 3, tries: 1 })
    const search = countStates(promela(system), { ...QUICK, memoryMb: 2, depth: 20_000 })
    await expect(search).rejects.toMatchObject({ code: 'SPN003' })
  })
})

test('missing counts of pan are errors', () => {
  expect(() => parsePan('Segmentation fault')).toThrow('SPN005')
  const counts = [
    'State-vector 20 byte, depth reached 3, errors: 0',
    '      4 states, stored',
    '      5 transitions (= stored+matched)',
    '    1.500 total actual memory usage',
  ].join('\n')
  const report = { distinct: 4, transitions: 4, depth: 3, bytes: 1.5 * 2 ** 20, violated: undefined }
  expect(parsePan(counts)).toEqual(report)
  expect(parsePan(counts.replace('total actual memory usage', 'memory usage (Mbyte)'))).toEqual(report)
  const large = counts.replace('      5 tr', '1.5308544e+08 tr')
  expect(parsePan(large).transitions).toBe(153_085_439)
  expect(() => parsePan(counts.replace('errors: 0', 'errors: 1'))).toThrow('SPN005: pan reports an error')
  const violated = `pan:1: assertion violated (x<3) (at depth 2)\n${counts.replace('errors: 0', 'errors: 1')}`
  expect(parsePan(violated).violated).toBe('(x<3)')
})
