/** Compares explorations of random systems with those of the naive search. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Rule, Stmt, System } from '../ir/ir.ts'
import { type Exploration, explore } from '../search/explore.ts'
import { walk } from '../search/walk.ts'
import { at } from '../text/at.ts'
import { naive } from './naive.ts'
import { systems } from './systems.ts'

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

/** Explores random systems and compares the results with the naive search. Returns how many systems violate something. */
export async function compareWithNaive(
  made: fc.Arbitrary<System>,
  numRuns: number,
  workers = 1,
): Promise<number> {
  let violated = 0
  await fc.assert(
    fc.asyncProperty(made, async system => {
      const exploration = await explore(system, { workers, memoryMb: 16 })
      const opinion = naive(system)
      expect(opinionOf(exploration)).toEqual(opinion)
      const isBroken = Object.keys(opinion.broken).length > 0
      expect(exploration.verdict).toBe(isBroken ? 'violated' : 'holds')
      replay(system, exploration)
      if (isBroken) violated++
    }),
    { numRuns },
  )
  return violated
}

/** Random systems with other bodies. */
const withBodies = (change: (body: readonly Stmt[], first: string) => readonly Stmt[]) =>
  systems.map(system => ({
    ...system,
    rules: system.rules.map(
      (rule): Rule => ({ ...rule, body: change(rule.body, at(system.variables, 0).name) }),
    ),
  }))

/** Systems with bodies so long that they are split into functions. */
export const longBodied = withBodies(body => Array<readonly Stmt[]>(TIMES).fill(body).flat())

const condition = (name: string, yes: readonly Stmt[]): Stmt => ({
  do: 'if',
  test: { op: 'get', name },
  yes,
  no: [],
})

/** Systems with conditions that are repeated, so that they become functions. */
export const repetitive = withBodies((body, first) => [
  ...body,
  ...[false, true, false, true].map(isSwapped => condition(first, renamed([...body, ...body], isSwapped))),
])
