import type { Invariant, Recovery, System } from '../ir/ir.ts'
import { outlastsFaults } from '../ir/rules.ts'
import { explore } from './explore.ts'
import type { State } from './walk.ts'

/** `lost`: the goal is due and can never be reached again. `unknown`: the memory limit left it open. */
export type Recovering = 'reached' | 'lost' | 'not due' | 'unknown'

/**
 * Searches forward from the state `from`: is the goal of a recovery due there, and can it be reached once
 * faults have stopped?
 */
export async function recovers(
  system: System,
  recovery: Recovery,
  from: State,
  options: { readonly memoryMb: number },
): Promise<Recovering> {
  const missed: Invariant = { id: GOAL, holds: { op: '!', of: recovery.goal }, ofStep: false }
  const forward: System = {
    ...system,
    variables: system.variables.map((variable, index) => ({ ...variable, initial: from[index] as number })),
    rules: system.rules.filter(outlastsFaults),
    invariants: [missed],
    recoveries: [],
    liveness: [],
    witnesses: [{ name: DUE, seen: recovery.when, ofStep: false }],
  }
  const { verdict, witnesses } = await explore(forward, { ...options, invariants: [GOAL], stop: 'first' })
  if (witnesses.find(({ name }) => name === DUE)?.depth !== 0) return 'not due'
  return ANSWERS[verdict]
}

const GOAL = 'goal'
const DUE = 'due'
const ANSWERS = { violated: 'reached', holds: 'lost', incomplete: 'unknown' } as const
