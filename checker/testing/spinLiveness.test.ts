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
import { findsCycle } from './spin.ts'
import { promelaWithClaim } from './spinLiveness.ts'
import { spinForTests } from './tools.ts'

const here = spinForTests(process.env.CI)
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

/** Returns a random system, and a property that holds there only under assumptions of this kind. */
async function relyingOn(kind: Fairness): Promise<{ system: System; id: string }> {
  for (const system of fc.sample(liveSystems(true).filter(isSmall), { numRuns: 400, seed: 1 })) {
    const [found, more] = [await violated(system), await violated(without(kind, system))]
    const id = [...(more ?? [])].find(one => !found?.has(one))
    if (found !== undefined && id !== undefined) return { system, id }
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
      { numRuns: 4, seed: 3 },
    )
    expect(seen.holds).toBeGreaterThan(0)
    expect(seen.violated).toBeGreaterThan(0)
  })

  test.for([
    'weak',
    'strong',
    'finite',
  ] as const)('which needs the %s assumption of a property', async kind => {
    const { system, id } = await relyingOn(kind)
    const needs = async (one: System) => {
      const property = must(one.liveness.find(each => each.id === id))
      return findsCycle(promelaWithClaim(one, property), dir)
    }
    expect(await needs(system)).toBe(false)
    expect(await needs(without(kind, system))).toBe(true)
  })
})
