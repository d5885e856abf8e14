import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { TrapError } from '../ir/errors.ts'
import type { Fairness, System } from '../ir/ir.ts'
import { explore } from '../search/explore.ts'
import { must } from '../text/at.ts'
import { SLOW } from './limits.ts'
import { liveSystems } from './liveSystems.ts'
import { naiveLiveness } from './naiveLiveness.ts'
import { findsCycle, hasSpin } from './spin.ts'
import { promelaWithClaim } from './spinLiveness.ts'

const here = hasSpin()
const dir = mkdtempSync(join(tmpdir(), 'serval-live-'))
afterAll(() => rmSync(dir, { recursive: true }))

/** The claim grows exponentially with the number of assumptions. */
const MOST_ASSUMPTIONS = 4

const isSmall = ({ rules }: System) =>
  rules.filter(({ fair }) => fair !== undefined).length <= MOST_ASSUMPTIONS && rules.length <= 5

async function violated(system: System): Promise<Set<string> | undefined> {
  const ids = system.liveness.map(({ id }) => id)
  try {
    const { violations } = await explore(system, { invariants: ids })
    return new Set(violations.map(({ id }) => id))
  } catch (error) {
    if (error instanceof TrapError) return undefined
    throw error
  }
}

/** The system without assumptions of one kind. */
const without = (kind: Fairness, system: System): System => ({
  ...system,
  rules: system.rules.map(({ fair, ...rule }) => ({ ...rule, ...(fair && fair !== kind && { fair }) })),
})

/** With these, such a system is among the first twenty. */
const SEEDS = { weak: 11, strong: 51, finite: 12 } as const

/**
 * Returns a random system, and a property that by definition holds there and without assumptions of this kind does not,
 * because of a cycle of several steps.
 */
async function relyingOn(kind: Fairness): Promise<{ system: System; id: string }> {
  for (const system of fc.sample(liveSystems(true).filter(isSmall), { numRuns: 20, seed: SEEDS[kind] })) {
    const broken = naiveLiveness(system)
    if (broken === undefined || (await violated(system)) === undefined) continue
    const { violations } = await explore(without(kind, system), {
      invariants: system.liveness.map(({ id }) => id),
    })
    const found = violations.find(
      ({ id, rules, loop = rules.length }) => !broken.has(id) && rules.length - loop > 1,
    )
    if (found) return { system, id: found.id }
  }
  throw new Error(`no system relies on ${kind} assumptions`)
}

describe.runIf(here)('liveness agrees with SPIN', SLOW, () => {
  test('whose acceptance cycles violate the same formula, on random systems', async () => {
    const seen = { violated: 0, holds: 0 }
    await fc.assert(
      fc.asyncProperty(liveSystems(true).filter(isSmall), async system => {
        const found = await violated(system)
        fc.pre(found !== undefined)
        for (const property of system.liveness.slice(0, 2)) {
          const isViolated = await findsCycle(promelaWithClaim(system, property), dir)
          expect(found.has(property.id)).toBe(isViolated)
          seen[isViolated ? 'violated' : 'holds']++
        }
      }),
      // The same systems each time: for a few, SPIN's program takes minutes.
      { numRuns: 3, seed: 3 },
    )
    expect(seen.holds).toBeGreaterThan(0)
    expect(seen.violated).toBeGreaterThan(0)
  })

  test.for<Fairness>([
    'weak',
    'strong',
    'finite',
  ])('which needs the %s assumption of a property', async kind => {
    const { system, id } = await relyingOn(kind)
    for (const [one, fails] of [
      [system, false],
      [without(kind, system), true],
    ] as const) {
      const property = must(one.liveness.find(each => each.id === id))
      const isViolated = await findsCycle(promelaWithClaim(one, property), dir)
      expect(must(await violated(one)).has(id)).toBe(isViolated)
      expect(isViolated).toBe(fails)
    }
  })
})
