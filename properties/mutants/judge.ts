/** Who notices a mutant: invariants, recoveries, deadlocks, and witnesses that are not seen any more. */
import { leastBounds } from '../../spec/models/bounds.ts'
import { models } from '../../spec/models/index.ts'
import { lowerModel, type Replacement } from '../../spec/models/model.ts'
import { CheckerError } from '../checker/errors.ts'
import { type Exploration, type ExploreOptions, explore } from '../checker/explore.ts'
import type { Trial } from './trials.ts'

/** One who notices, and the steps of the shortest way to it; null where a thing is missed that should have been seen. */
export interface Notice {
  /** The invariant's or recovery's id, the witness's name, `deadlock` or `overflow`. */
  readonly id: string
  readonly kind: 'invariant' | 'recovery' | 'deadlock' | 'overflow' | 'witness'
  readonly steps: number | null
}

/** What a trial shows of the machines as they are. */
export interface Baseline {
  readonly distinct: number
  readonly generated: number
  /** What holds: small bounds may be too small for a recovery, which is then not asked about. */
  readonly holding: readonly string[]
  /** Witnesses that are seen. */
  readonly seen: readonly string[]
}

export interface Judgment {
  /** The shortest way first. */
  readonly notices: readonly Notice[]
  /** Whether the mutant's states or steps are other than those of the machines as they are. */
  readonly differs: boolean
}

/** Mebibytes for one exploration: trials need a tenth of it, and a mutant that outgrows it is tried elsewhere. */
const MEMORY_MB = 500

export const worldOf = ({ model: name, bounds }: Trial, replacement?: Replacement) => {
  const model = models.find(m => m.name === name)
  if (!model) throw new Error(`there is no model '${name}'`)
  for (const [bound, value] of Object.entries(bounds)) {
    const range = model.bounds[bound]
    if (!range || value < range.min || value > range.max)
      throw new Error(`${name} has no bound '${bound}' of ${value}; mend the trial`)
  }
  return lowerModel(model, leastBounds(model, bounds), replacement)
}

const run = (trial: Trial, replacement: Replacement | undefined, options: ExploreOptions) =>
  explore(worldOf(trial, replacement).system, { memoryMb: MEMORY_MB, ...options })

export async function baselineOf(trial: Trial): Promise<Baseline> {
  const { system } = worldOf(trial)
  const { distinct, generated, violations, witnesses, verdict } = await run(trial, undefined, {})
  if (verdict === 'incomplete') throw new Error(`${trial.model} is too large for a trial`)
  const broken = new Set(violations.map(({ id }) => id))
  const ids = new Set(['deadlock', ...[...system.invariants, ...system.recoveries].map(({ id }) => id)])
  return {
    distinct,
    generated,
    holding: [...ids].filter(id => !broken.has(id)),
    seen: witnesses.filter(({ depth }) => depth !== null).map(({ name }) => name),
  }
}

const noticesOf = (found: Exploration, baseline: Baseline): Notice[] => {
  const missed = found.witnesses.filter(({ name, depth }) => depth === null && baseline.seen.includes(name))
  return [
    ...found.violations.map(({ id, kind, rules }): Notice => ({ id, kind, steps: rules.length })),
    ...(found.verdict === 'incomplete' ? [] : missed).map(
      ({ name }): Notice => ({ id: name, kind: 'witness', steps: null }),
    ),
  ].sort((a, b) => (a.steps ?? Number.POSITIVE_INFINITY) - (b.steps ?? Number.POSITIVE_INFINITY))
}

/** Explores the trial's world with the replacement in it, and collects all who notice. */
export async function judge(trial: Trial, replacement: Replacement, baseline: Baseline): Promise<Judgment> {
  try {
    const found = await run(trial, replacement, { invariants: baseline.holding })
    const differs = found.distinct !== baseline.distinct || found.generated !== baseline.generated
    return { notices: noticesOf(found, baseline), differs }
  } catch (error) {
    if (!(error instanceof CheckerError) || error.code !== 'CHK001') throw error
    return { notices: [{ id: 'overflow', kind: 'overflow', steps: null }], differs: true }
  }
}
