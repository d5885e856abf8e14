/** Finds what catches a mutant first: an invariant, a deadlock, a recovery, or a missed witness. */

import { TrapError } from '../../checker/ir/errors.ts'
import type { System } from '../../checker/ir/ir.ts'
import { type Exploration, type ExploreOptions, explore } from '../../checker/search/explore.ts'
import { KINDS } from '../../spec/machines/flow/packets.ts'
import type { Mutant } from './enumerate.ts'
import { type Trial, worldOf } from './trials.ts'

/** The property that catches a mutant, and the length of the shortest counterexample; null for a missed witness. */
export interface Notice {
  readonly kind: 'invariant' | 'recovery' | 'liveness' | 'deadlock' | 'overflow' | 'witness'
  /** The invariant's or recovery's id, the witness's name, `deadlock` or `overflow`. */
  readonly id: string
  readonly steps: number | null
}

/** The result of a trial with the original machines. */
export interface Baseline {
  /** The witnesses that the original machines reach. */
  readonly seen: readonly string[]
}

/** Mebibytes for one exploration. Most trials need a fiftieth of it; a mutant that needs more is tried in other trials. */
const MEMORY_MB = 1000

const run = (system: System, options?: ExploreOptions) =>
  explore(system, { memoryMb: MEMORY_MB, stop: 'first', ...options })

/** Explores the original machines. Throws if they violate a property, because such a trial cannot judge a mutant. */
export async function baselineOf(trial: Trial): Promise<Baseline> {
  const { violations, witnesses, verdict } = await run(worldOf(trial).system)
  if (verdict !== 'holds')
    throw new Error(`${trial.model} ${verdict} ${violations.map(({ id }) => id)}; choose other bounds`)
  return { seen: witnesses.filter(({ depth }) => depth !== null).map(({ name }) => name) }
}

function firstNotice(
  { violations, witnesses, verdict }: Exploration,
  { seen }: Baseline,
): Notice | undefined {
  const [violation] = violations
  if (violation) return { kind: violation.kind, id: violation.id, steps: violation.rules.length }
  const missed = witnesses.find(({ name, depth }) => depth === null && seen.includes(name))
  return verdict === 'holds' && missed ? { kind: 'witness', id: missed.name, steps: null } : undefined
}

/**
 * Returns the world with the mutant. Its attacker forges only packets that the changed transition handles: the others are
 * costly and violate nothing.
 */
function worldWith(trial: Trial, { replacement, changes }: Mutant): System {
  const { system } = worldOf(trial, replacement)
  const kind = KINDS.indexOf((changes?.transition.event ?? '') as (typeof KINDS)[number])
  const isIdle = (rule: string): boolean => rule.startsWith('forge(') && Number(rule.split(',')[1]) !== kind
  return kind < 1 ? system : { ...system, rules: system.rules.filter(({ name }) => !isIdle(name)) }
}

/**
 * Explores the trial's world with the mutant until a property is violated; recoveries are decided at the end. Returns
 * undefined if nothing catches the mutant.
 */
export async function judge(trial: Trial, mutant: Mutant, baseline: Baseline): Promise<Notice | undefined> {
  try {
    const invariants = trial.only ? [trial.only.invariant] : 'all'
    return firstNotice(await run(worldWith(trial, mutant), { invariants }), baseline)
  } catch (error) {
    if (!(error instanceof TrapError)) throw error
    return { kind: 'overflow', id: 'overflow', steps: null }
  }
}
