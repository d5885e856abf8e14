/** A machine's guards by name. Lowering replaces a named combination of guards by its parts; this keeps the names. */

import type { AnyStateMachine } from 'xstate'
import type { Guard } from '../../checker/lower/machine.ts'
import { type LoweredMachine, lower } from '../../checker/lower/step.ts'
import { at, must } from '../../checker/text/at.ts'
import { replaceName, simplify } from './conditions.ts'

export interface NamedGuards {
  /** The guard of each transition. A combination that has a name is one part of it. */
  readonly of: ReadonlyMap<string, Guard>
  /** The combination behind each name. */
  readonly combinations: ReadonlyMap<string, Guard>
  /** The names of all guards in use. */
  readonly names: readonly string[]
  /** Replaces names by their combinations. */
  readonly expand: (g: Guard) => Guard
}

/** Returns the part of `whole` at the position where `marked` has the guard `name`. */
function opposite(marked: Guard, whole: Guard, name: string): Guard | undefined {
  if (marked.kind === 'named') return marked.name === name ? whole : undefined
  if (!('guards' in marked) || !('guards' in whole)) return undefined
  for (const [i, part] of marked.guards.entries()) {
    const found = opposite(part, at(whole.guards, i), name)
    if (found) return found
  }
  return undefined
}

function* namesIn(g: Guard): Generator<string> {
  if (g.kind === 'named') yield g.name
  else if ('guards' in g) for (const part of g.guards) yield* namesIn(part)
}

/** Lowers `definition` again with a stand-in for each combination, and compares both results to find the combinations. */
export function namedGuards(definition: AnyStateMachine, machine: LoweredMachine): NamedGuards {
  const implementations = Object.entries(definition.implementations.guards as Record<string, object>)
  const standIns = implementations.flatMap(([name, g]) => ('check' in g ? [[name, () => true]] : []))
  const marked = lower(
    definition.provide({ guards: Object.fromEntries(standIns) }),
    machine.scope,
  ).transitions
  const of = new Map<string, Guard>()
  const combinations = new Map<string, Guard>()
  for (const [i, { id, guard }] of marked.entries()) {
    if (!guard) continue
    of.set(id, simplify(guard))
    for (const [name] of standIns) {
      const part = opposite(guard, must(at(machine.transitions, i).guard), name as string)
      if (part) combinations.set(name as string, simplify(part))
    }
  }
  return {
    of,
    combinations,
    names: [...new Set([...of.values()].flatMap(g => [...namesIn(g)]))],
    expand: g => [...combinations].reduce((all, [name, combined]) => replaceName(all, name, combined), g),
  }
}
