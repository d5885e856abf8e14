import { describe, expect, test } from 'vitest'
import type { Expr, Rule, Stmt, System } from '../ir/ir.ts'
import { SLOW } from '../testing/limits.ts'
import { toy } from '../testing/toy.ts'
import { at, must } from '../text/at.ts'
import { explore } from './explore.ts'

const get = (name: string): Expr => ({ op: 'get', name })
const number = (value: number): Expr => ({ op: 'number', value })

/** Counters that count up to `limit` in any order: (limit + 1) to the power of their number of states. */
function counters(names: readonly string[], limit: number, bits: number): System {
  const rules = names.map((name): Rule => {
    const value: Expr = { op: '+', left: get(name), right: number(1) }
    const guard: Expr = { op: '<', left: get(name), right: number(limit) }
    return {
      name: `count(${name})`,
      kind: 'protocol',
      helps: false,
      guard,
      body: [{ do: 'set', name, value }],
    }
  })
  return {
    name: 'counters',
    variables: names.map(name => ({ name, bits, initial: 0 })),
    scratch: [],
    rules,
    invariants: [],
    recoveries: [],
    liveness: [],
    witnesses: [],
    final: number(1),
    coverage: [],
  }
}

describe.for([1, 3])('%i workers', SLOW, workers => {
  // SPIN 6.5 finds the same numbers of states and of transitions, if the initial one is counted: pan -DSAFETY
  // -DNOREDUCE.
  test('a table that doubles many times loses no state and keeps none twice', async () => {
    const { verdict, distinct, generated, depth, violations } = await explore(
      toy({ capacity: 3, moves: 3, tries: 2 }),
      { workers, memoryMb: 64 },
    )
    expect({ verdict, distinct, generated, depth }).toEqual({
      verdict: 'violated',
      distinct: 295_264,
      generated: 2_644_818,
      depth: 24,
    })
    expect(violations.map(({ id, kind, rules }) => [id, kind, rules.length])).toEqual([
      ['completes', 'recovery', 6],
    ])
  })

  test('states entered before the table grew are found again, the initial one included', async () => {
    const system = counters(['a', 'b'], 0, 8)
    const around = system.rules.map(rule => {
      const [stmt] = rule.body as readonly [Extract<Stmt, { do: 'set' }>]
      const value: Expr = { op: '&', left: stmt.value, right: number(255) }
      return { ...rule, guard: number(1), body: [{ ...stmt, value }] }
    })
    const { distinct, generated } = await explore({ ...system, rules: around }, { workers, memoryMb: 16 })
    expect({ distinct, generated }).toEqual({ distinct: 65_536, generated: 131_072 })
  })

  test('a deep and narrow space is counted level by level', async () => {
    const { distinct, depth } = await explore(counters(['a'], 5000, 13), { workers, memoryMb: 16 })
    expect({ distinct, depth }).toEqual({ distinct: 5001, depth: 5000 })
  })

  test('the memory limit ends the search and says how far it got', async () => {
    const system = counters(['a', 'b', 'c'], 255, 8)
    const { verdict, reason, distinct, bytesPerState } = await explore(system, { workers, memoryMb: 2 })
    expect(verdict).toBe('incomplete')
    expect(reason).toMatch(/^the memory limit of 2 MB was reached at depth \d+, after \d+ states$/)
    expect(distinct).toBeGreaterThan(80_000)
    expect(distinct * bytesPerState).toBeLessThan(2 * 2 ** 20 * 1.05)
  })

  test('an abort ends the search, and the result keeps what was found', async () => {
    const stopper = new AbortController()
    let clock = 0
    const reports: number[] = []
    const { verdict, reason, distinct } = await explore(counters(['a', 'b', 'c', 'd'], 255, 8), {
      workers,
      memoryMb: 4096,
      signal: stopper.signal,
      now: () => (clock += 1000),
      progress: ({ distinct, bytes, rate }) => {
        reports.push(distinct)
        expect(bytes).toBeGreaterThan(0)
        expect(rate).toBeLessThan(distinct + 1)
        if (distinct > 10_000) stopper.abort()
      },
    })
    expect({ verdict, reason }).toEqual({
      verdict: 'incomplete',
      reason: expect.stringMatching(/^the search was stopped at/),
    })
    expect(distinct).toBeGreaterThan(10_000)
    expect(distinct).toBeGreaterThanOrEqual(must(reports.at(-1)))
  })

  test('an abort before the start ends the search at once', async () => {
    const { verdict } = await explore(counters(['a', 'b', 'c', 'd'], 255, 8), {
      workers,
      signal: AbortSignal.abort(),
    })
    expect(verdict).toBe('incomplete')
  })

  test('a value that does not fit its variable is an error that names rule and variable', async () => {
    await expect(explore(counters(['a', 'b'], 8, 3), { workers, memoryMb: 16 })).rejects.toThrow(
      'CHK001: rule count(a) of counters stores 8 into a, which has 3 bits',
    )
  })

  test('a state of six words takes at most 40 bytes, even just after the table has doubled', async () => {
    const { variables } = counters(['a', 'b', 'c', 'd', 'e', 'f'], 0, 31)
    for (const side of [222, 256, 282, 313, 314]) {
      const wide = { ...counters(['a', 'b'], side - 1, 31), variables }
      const { distinct, bytesPerState } = await explore(wide, { workers, memoryMb: 32 })
      expect(distinct).toBe(side * side)
      expect(bytesPerState).toBeLessThanOrEqual(40)
    }
  })

  test('the first violation can end the search', async () => {
    const system: System = {
      ...counters(['a', 'b', 'c'], 100, 7),
      invariants: [
        { id: 'far', holds: { op: '<', left: get('a'), right: number(40) }, ofStep: false },
        { id: 'near', holds: { op: '<', left: get('b'), right: number(4) }, ofStep: false },
      ],
    }
    const first = await explore(system, { workers, stop: 'first', memoryMb: 64 })
    expect(first.violations.map(({ id, names }) => [id, names])).toEqual([
      ['near', Array(4).fill('count(b)')],
    ])
    expect(first.distinct).toBeLessThan(1000)
    const each = await explore(system, { workers, memoryMb: 64 })
    expect(each.violations.map(({ id, rules }) => [id, rules.length])).toEqual([
      ['far', 40],
      ['near', 4],
    ])
    const one = await explore(system, { workers, invariants: ['far'], stop: 'first', memoryMb: 64 })
    expect(one.violations.map(({ id }) => id)).toEqual(['far'])
  })
})

test('bad arguments are rejected with a code', async () => {
  const system = counters(['a'], 3, 3)
  await expect(explore(system, { invariants: ['i9'] })).rejects.toThrow(
    'CHK003: counters has no invariant i9',
  )
  await expect(explore(system, { workers: 0 })).rejects.toThrow('CHK006')
  await expect(explore(system, { memoryMb: 0 })).rejects.toThrow('CHK004')
  const body = [{ do: 'set', name: 'a', value: get('b') } as const]
  const unknown = { ...system, rules: [{ ...at(system.rules, 0), body }] }
  await expect(explore(unknown)).rejects.toThrow('CHK002: system counters: count(a) reads b')
  const emitting = {
    ...system,
    rules: [{ ...at(system.rules, 0), body: [{ do: 'emit', effect: 'send', args: [] } as const] }],
  }
  await expect(explore(emitting)).rejects.toThrow('CHK002: system counters: rule count(a) emits send')
  const wide = { ...system, variables: [{ name: 'a', bits: 32, initial: 0 }] }
  await expect(explore(wide)).rejects.toThrow('CHK002: system counters: variable a has 32 bits')
})

test('a memory limit beyond what the arrays can index is used as far as possible', async () => {
  const { verdict, distinct } = await explore(counters(['a', 'b'], 9, 4), { workers: 2, memoryMb: 30_000 })
  expect({ verdict, distinct }).toEqual({ verdict: 'holds', distinct: 100 })
})

describe('while recoverability is decided', () => {
  /** Seventeen recoveries, which take two passes. A pass is 16 slices of states. */
  const full: Expr = { op: '==', left: get('a'), right: number(255) }
  const system: System = {
    ...counters(['a', 'b'], 255, 8),
    recoveries: Array.from({ length: 17 }, (_, id) => ({ id: String(id), when: number(1), goal: full })),
  }

  test('each pass reports how many states are left', async () => {
    let clock = 0
    const passes: [pass: number, frontier: number][] = []
    const { verdict } = await explore(system, {
      now: () => (clock += 1000),
      progress: ({ pass, distinct, frontier, rate }) => {
        if (pass > 0) passes.push([pass, frontier])
        expect(rate).toBeLessThan(distinct)
        expect(rate).toBeGreaterThanOrEqual(0)
      },
    })
    expect(verdict).toBe('holds')
    const untilLast = Array.from({ length: 15 }, (_, slice) => 65_536 - 4096 * (slice + 2))
    // When all states are looked at, the search goes through the kept pairs until nothing changes.
    for (const pass of [1, 2]) {
      const frontiers = passes.filter(([number]) => number === pass).map(([, frontier]) => frontier)
      expect(frontiers.slice(0, 15)).toEqual(untilLast)
      expect(new Set(frontiers.slice(15))).toEqual(new Set([0]))
    }
  })

  test.each([1, 2])('each recovery of both passes is decided, by %i threads', async workers => {
    const start: Expr = { op: '==', left: { op: '+', left: get('a'), right: get('b') }, right: number(0) }
    const recoveries = system.recoveries.map((one, index) =>
      index % 3 === 0 ? { ...one, goal: start } : one,
    )
    const { violations } = await explore({ ...system, recoveries }, { workers })
    expect(violations.map(({ id }) => id)).toEqual(['0', '3', '6', '9', '12', '15'])
  })

  test('an abort ends it, and no recovery is claimed', async () => {
    const stopper = new AbortController()
    let clock = 0
    const { verdict, reason, distinct } = await explore(system, {
      signal: stopper.signal,
      now: () => (clock += 1000),
      progress: ({ pass }) => pass === 2 && stopper.abort(),
    })
    expect({ verdict, distinct }).toEqual({ verdict: 'incomplete', distinct: 65_536 })
    expect(reason).toMatch(/^the search was stopped/)
  })
})
