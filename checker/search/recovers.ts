import { TrapError } from '../ir/errors.ts'
import { evaluate, Rejected } from '../ir/interpret.ts'
import type { Expr, Invariant, Recovery, System } from '../ir/ir.ts'
import { outlastsFaults } from '../ir/rules.ts'
import { must } from '../text/at.ts'
import { explore } from './explore.ts'
import type { State, Walk } from './walk.ts'

/** `lost`: the goal is due and can never be reached again. `unknown`: the memory limit left it open. */
export type Recovering = 'reached' | 'lost' | 'not due' | 'unknown'

/**
 * States that are visited step by step. Only if there are more, a search is compiled, which takes seconds for a wide world.
 * Few states follow one that cannot recover: a few dozen in most traces of the corpus.
 */
const NEAR_STATES = 100

/** A question, and the limits of its answer. */
export interface RecoveryQuestion {
  readonly recovery: Recovery
  readonly from: State
  readonly memoryMb: number
  /** Default 100. */
  readonly nearStates?: number
}

/**
 * Searches forward from the state `from`: is the goal of a recovery due there, and can it be reached once
 * faults have stopped? `walk` walks through the system, or through its rules that outlast faults.
 */
export async function recovers(system: System, walk: Walk, question: RecoveryQuestion): Promise<Recovering> {
  return nearby(walk, question) ?? (await searched(system, question))
}

/** Returns undefined if too many states follow, or if a step stops at a value, which the search reports with its path. */
function nearby(
  walk: Walk,
  { recovery, from, nearStates = NEAR_STATES }: RecoveryQuestion,
): Exclude<Recovering, 'unknown'> | undefined {
  const { when, goal } = must(
    walk.system.recoveries.find(({ id }) => id === recovery.id),
    `recovery ${recovery.id}`,
  )
  const holds = (expr: Expr, state: State) => evaluate(expr, walk.decode(state)) !== 0
  const rules = walk.system.rules.flatMap((rule, index) => (outlastsFaults(rule) ? [index] : []))
  const [known, found] = [new Set([from.join()]), [from]]
  try {
    if (!holds(when, from)) return 'not due'
    for (const state of found) {
      if (holds(goal, state)) return 'reached'
      for (const rule of rules) {
        if (!walk.isEnabled(state, rule)) continue
        const next = walk.take(state, rule).state
        if (known.has(next.join())) continue
        if (known.size >= nearStates) return undefined
        known.add(next.join())
        found.push(next)
      }
    }
    return 'lost'
  } catch (error) {
    if (error instanceof TrapError || error instanceof Rejected) return undefined
    throw error
  }
}

async function searched(system: System, { recovery, from, memoryMb }: RecoveryQuestion): Promise<Recovering> {
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
  const { verdict, witnesses } = await explore(forward, { memoryMb, invariants: [GOAL], stop: 'first' })
  if (witnesses.find(({ name }) => name === DUE)?.depth !== 0) return 'lost'
  return ANSWERS[verdict]
}

const GOAL = 'goal'
const DUE = 'due'
const ANSWERS = { violated: 'reached', holds: 'lost', incomplete: 'unknown' } as const
