import type { LoweredWorld } from '../../checker/lower/world.ts'
import { at } from '../../checker/text/at.ts'

/** The transitions of a world's machines that a search took and missed. */
export interface Coverage {
  /** States of the machines that were entered, or that they begin in. */
  readonly states: number
  /** Transitions taken. */
  readonly transitions: number
  /** Names of the transitions never taken. */
  readonly missed: readonly string[]
}

/** Reads how often each coverage point, one for each transition, was passed. */
export function coverageOf({ spec, system }: LoweredWorld, passed: readonly number[]): Coverage {
  const taken = new Set(system.coverage.filter((_, point) => at(passed, point) > 0))
  const states = Object.entries(spec.machines).flatMap(([name, { tables }]) =>
    tables.regions.flatMap(region => {
      const used = region.transitions.filter(({ id }) => taken.has(`${name} ${id}`))
      return used.length === 0 ? [] : [...new Set([region.initial, ...used.flatMap(endsOf)])]
    }),
  )
  return {
    states: states.length,
    transitions: taken.size,
    missed: system.coverage.filter(name => !taken.has(name)),
  }
}

/** Transitions that no world took of those that any could: not all worlds have the same machines. */
export function missedByAll(
  worlds: readonly { readonly system: LoweredWorld['system']; readonly coverage: Coverage }[],
): { readonly total: number; readonly missed: readonly string[] } {
  const all = new Set(worlds.flatMap(({ system }) => system.coverage))
  const taken = new Set(
    worlds.flatMap(({ system, coverage }) => system.coverage.filter(name => !coverage.missed.includes(name))),
  )
  return { total: all.size, missed: [...all].filter(name => !taken.has(name)) }
}

const endsOf = ({ source, target }: { source: string; target: string | undefined }): string[] =>
  target === undefined ? [source] : [source, target]
