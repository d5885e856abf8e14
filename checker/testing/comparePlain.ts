import fc from 'fast-check'
import { expect } from 'vitest'
import { TrapError } from '../ir/errors.ts'
import { LowerError } from '../lower/errors.ts'
import { type LoweredWorld, lowerWorld } from '../lower/world.ts'
import type { WorldSpec } from '../lower/worldSpec.ts'
import { type Exploration, explore } from '../search/explore.ts'
import { must } from '../text/at.ts'
import { naive } from './naive.ts'
import { PlainSearch } from './plain.ts'
import { worlds } from './worlds.ts'

const KINDS: Readonly<Record<string, string>> = {
  CHK001: 'store',
  CHK008: 'index',
  CHK009: 'remainder',
  CHK010: 'exact',
}

/** The error of a rejected value, in the form of the plain search. */
function rejectionOf(error: unknown) {
  if (!(error instanceof TrapError)) throw error
  return { kind: KINDS[error.code], steps: error.path?.length }
}

function opinionOf({ distinct, generated, depth, violations, witnesses }: Exploration) {
  const seen = witnesses.flatMap(({ name, depth }) => (depth === null ? [] : [[name, depth] as const]))
  const broken = violations.map(({ id, rules }) => [id, rules.length] as const)
  return { distinct, generated, depth, broken: Object.fromEntries(broken), seen: Object.fromEntries(seen) }
}

const withoutKind = (one: object) => ({ ...one, kind: 'kind' in one })

/** Lowers a world. Returns undefined if lowering rejects a number that is known to be out of range. */
function lowered(spec: WorldSpec): LoweredWorld | undefined {
  try {
    return lowerWorld(spec)
  } catch (error) {
    if (error instanceof LowerError && error.code === 'LOWER_RANGE') return undefined
    throw error
  }
}

/** Counts of what the worlds met, so that a comparison cannot silently compare nothing. */
export interface Met {
  worlds: number
  rejected: Record<string, number>
  broken: number
  states: number
}

/**
 * Compares random worlds with the plain search: the results of the checker and of the naive search. Calls `at`
 * with the number of worlds compared so far.
 */
export async function comparePlain(numRuns: number, at: (worlds: number) => void = () => {}): Promise<Met> {
  const met: Met = { worlds: 0, rejected: {}, broken: 0, states: 0 }
  await fc.assert(
    fc.asyncProperty(worlds, async ({ spec, machines }) => {
      const world = lowered(spec)
      if (world === undefined) return
      const { system } = world
      const checks = [
        ...system.invariants.map(i => [i.id, i.ofStep]),
        ...system.witnesses.map(w => [w.name, w.ofStep]),
      ]
      const ofStep = new Map(checks as [string, boolean][])
      const expected = new PlainSearch(spec, machines).run(name => must(ofStep.get(name)))
      const found = await explore(system, { memoryMb: 16 }).then(opinionOf, rejectionOf)
      // If several rejections are equally near, the search may meet any of them, because it takes a rule in
      // many states before the next rule.
      expect(withoutKind(found)).toEqual(withoutKind(expected))
      const opinion = (() => {
        try {
          const { coverage: _, ...rest } = naive(system)
          return rest
        } catch (error) {
          return rejectionOf(error)
        }
      })()
      expect(opinion).toEqual(expected)
      at(++met.worlds)
      if ('kind' in expected) met.rejected[expected.kind] = (met.rejected[expected.kind] ?? 0) + 1
      else {
        met.states += expected.distinct
        if (Object.keys(expected.broken).length > 0) met.broken++
      }
    }),
    { numRuns },
  )
  return met
}
