import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rule, Stmt, System } from '../ir/ir.ts'
import { SLOW } from '../testing/limits.ts'
import { naive } from '../testing/naive.ts'
import { systems } from '../testing/systems.ts'
import { at } from '../text/at.ts'
import { type Exploration, explore } from './explore.ts'
import { walk } from './walk.ts'

/** How often a random body is repeated to make it longer than `LONG`. */
const TIMES = 60

/** The result of an exploration, in the form of the naive search. */
function opinionOf({ distinct, generated, depth, coverage, violations, witnesses }: Exploration) {
  const seen = witnesses.flatMap(witness =>
    witness.depth === null ? [] : [[witness.name, witness.depth] as const],
  )
  return {
    distinct,
    generated,
    depth,
    coverage,
    broken: Object.fromEntries(violations.map(({ id, rules }) => [id, rules.length])),
    seen: Object.fromEntries(seen),
  }
}

/**
 * Takes the rules of a violation one by one. Each must be enabled and lead to the state that the violation
 * says.
 */
function replay(system: System, { violations }: Exploration): void {
  const walker = walk(system)
  for (const { id, kind, rules, states } of violations) {
    let step = walker.look(walker.initial())
    rules.forEach((rule, index) => {
      expect(walker.decode(step.state)).toEqual(states[index])
      expect(walker.enabled(step.state)).toContain(rule)
      step = walker.take(step.state, rule)
    })
    expect(walker.decode(step.state)).toEqual(states.at(-1))
    if (kind !== 'recovery') expect(step.failed).toContain(id)
  }
}

/**
 * Returns `body` without coverage points, which would keep it from becoming a function, and with `x` and `y`
 * exchanged.
 */
function renamed(body: readonly Stmt[], isSwapped: boolean): Stmt[] {
  const names: Readonly<Record<string, string>> = isSwapped ? { x: 'y', y: 'x' } : {}
  const named = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.filter(item => item.do !== 'cover').map(named)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) =>
        key === 'name' ? [key, names[value as string] ?? value] : [key, named(value)],
      ),
    )
  }
  return named(body) as Stmt[]
}

/** Explores random systems and compares the results with the naive search. */
async function compare(made: fc.Arbitrary<System>, numRuns: number, workers = 1): Promise<void> {
  await fc.assert(
    fc.asyncProperty(made, async system => {
      const exploration = await explore(system, { workers, memoryMb: 16 })
      const opinion = naive(system)
      expect(opinionOf(exploration)).toEqual(opinion)
      expect(exploration.verdict).toBe(Object.keys(opinion.broken).length > 0 ? 'violated' : 'holds')
      replay(system, exploration)
    }),
    { numRuns },
  )
}

/** Random systems with other bodies. */
const withBodies = (change: (body: readonly Stmt[], first: string) => readonly Stmt[]) =>
  systems.map(system => ({
    ...system,
    rules: system.rules.map(
      (rule): Rule => ({ ...rule, body: change(rule.body, at(system.variables, 0).name) }),
    ),
  }))

describe('an exploration agrees with the naive search', () => {
  test.for([
    { workers: 1, numRuns: 400 },
    { workers: 2, numRuns: 25 },
    { workers: 3, numRuns: 25 },
  ])('$workers workers', SLOW, ({ workers, numRuns }) => compare(systems, numRuns, workers))

  test('long bodies that are split into functions', SLOW, () =>
    compare(
      withBodies(body => Array<readonly Stmt[]>(TIMES).fill(body).flat()),
      40,
    ),
  )

  test('repeated conditions that become functions', SLOW, () => {
    const condition = (name: string, yes: readonly Stmt[]): Stmt => {
      return { do: 'if', test: { op: 'get', name }, yes, no: [] }
    }
    return compare(
      withBodies((body, first) => [
        ...body,
        ...[false, true, false, true].map(isSwapped =>
          condition(first, renamed([...body, ...body], isSwapped)),
        ),
      ]),
      40,
    )
  })
})
