/** Finds what catches a mutant first: an invariant, a deadlock, a recovery, or a missed witness. */

import { TrapError } from '../../checker/ir/errors.ts'
import type { System } from '../../checker/ir/ir.ts'
import type { LoweredMachine } from '../../checker/lower/step.ts'
import { type Exploration, type Explorer, explore, prepare } from '../../checker/search/explore.ts'
import { at } from '../../checker/text/at.ts'
import type { Mutant } from './mutant.ts'
import { type Trial, worldOf } from './trials.ts'
import { MUTANT, Variants } from './variants.ts'

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
  /** The transitions that they take. */
  readonly taken: ReadonlySet<string>
}

/** Mebibytes for one exploration. Most trials need a tenth of it; a mutant that needs more is tried in other trials. */
const MEMORY_MB = 250

const STYLE = { memoryMb: MEMORY_MB, stop: 'first' } as const

/** Explores the original machines. Throws if they violate a property, because such a trial cannot judge a mutant. */
export async function baselineOf(trial: Trial): Promise<Baseline> {
  const { system } = worldOf(trial)
  const { violations, witnesses, verdict, coverage } = await explore(system, STYLE)
  if (verdict !== 'holds')
    throw new Error(`${trial.model} ${verdict} ${violations.map(({ id }) => id)}; choose other bounds`)
  return {
    seen: witnesses.filter(({ depth }) => depth !== null).map(({ name }) => name),
    taken: takenIn(system, coverage),
  }
}

/** Returns the transitions that a search took, from its coverage points, whose names are machine and transition. */
export const takenIn = (system: System, coverage: ArrayLike<number>): ReadonlySet<string> =>
  new Set(system.coverage.flatMap((point, i) => (at(coverage, i) > 0 ? [point.replace(/^\S+ /, '')] : [])))

function firstNotice(
  { violations, witnesses, verdict }: Exploration,
  { seen }: Baseline,
): Notice | undefined {
  const [violation] = violations
  if (violation) return { kind: violation.kind, id: violation.id, steps: violation.rules.length }
  const missed = witnesses.find(({ name, depth }) => depth === null && seen.includes(name))
  return verdict === 'holds' && missed ? { kind: 'witness', id: missed.name, steps: null } : undefined
}

/** The number of mutants that one generated program has. More take longer to generate than they save. */
const BATCH = 64

/** Returns the trial's world with mutants of one machine, from the value 1 of {@link MUTANT} on. */
function worldWith(trial: Trial, original: LoweredMachine, batch: readonly Mutant[]): System {
  const variants = batch.map(({ mutated }, i) => ({ value: i + 1, machine: mutated }))
  const [{ machine }] = batch as readonly [Mutant]
  const { system } = worldOf(trial, { machines: { [machine]: new Variants(original, variants) } })
  const chooser = { name: MUTANT, bits: 32 - Math.clz32(batch.length), initial: 0 }
  return { ...system, variables: [...system.variables, chooser] }
}

/**
 * Explores the trial's world with each mutant until a property is violated; recoveries are decided at the end. All mutants are of
 * one machine, `original`. Yields each with its notice, or undefined if nothing catches it here.
 */
export async function* judge(
  trial: Trial,
  original: LoweredMachine,
  mutants: readonly Mutant[],
  baseline: Baseline,
): AsyncGenerator<readonly [Mutant, Notice | undefined]> {
  const invariants = trial.only ? [trial.only.invariant] : 'all'
  for (let from = 0; from < mutants.length; from += BATCH) {
    const batch = mutants.slice(from, from + BATCH)
    const run = prepare(worldWith(trial, original, batch), { ...STYLE, invariants }, [MUTANT])
    for (const [i, mutant] of batch.entries()) yield [mutant, await noticeOf(run, i + 1, baseline)]
  }
}

async function noticeOf(run: Explorer, value: number, baseline: Baseline): Promise<Notice | undefined> {
  try {
    return firstNotice(await run({ [MUTANT]: value }), baseline)
  } catch (error) {
    if (!(error instanceof TrapError)) throw error
    return { kind: 'overflow', id: 'overflow', steps: null }
  }
}
