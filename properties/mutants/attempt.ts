/** Tries mutants in the trials, until a property catches each. */

import { createHash } from 'node:crypto'
import { must } from '../../checker/text/at.ts'
import { subjects } from './enumerate.ts'
import { type Baseline, baselineOf, judge } from './judge.ts'
import type { Mutant } from './mutant.ts'
import type { Result } from './results.ts'
import { nameOf, type Trial, trials, tries, worldOf } from './trials.ts'

const digest = (of: unknown): string =>
  createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 8)

/** The hash of each trial's world, with its rules and invariants. */
const worlds = new Map(trials.map(trial => [nameOf(trial), digest(worldOf(trial).system)]))

/** Returns the hash of all worlds in which a mutant may be tried. */
const allWorlds = (mutant: Mutant): string =>
  digest(
    trials.filter(trial => tries(trial, mutant)).map(trial => [nameOf(trial), worlds.get(nameOf(trial))]),
  )

/** Returns the hash of the world that caught a mutant, or, for a survivor, of all its worlds. */
export const worldsOf = (mutant: Mutant, trial: string | undefined): string | undefined =>
  trial === undefined ? allWorlds(mutant) : worlds.get(trial)

const NOTHING_SEEN: Baseline = { seen: [], taken: new Set() }

/** The results of the trials with the original machines, computed when first needed. */
const baselines = new Map<Trial, Baseline>()
async function baselineIn(trial: Trial): Promise<Baseline> {
  const baseline = baselines.get(trial) ?? (trial.only ? NOTHING_SEEN : await baselineOf(trial))
  baselines.set(trial, baseline)
  return baseline
}

/**
 * Tries mutants of one machine in the trials, the quickest first. Yields each result when it is known, the survivors last.
 */
export async function* attempt(machine: string, mutants: readonly Mutant[]): AsyncGenerator<Result> {
  const { machine: original } = must(subjects.find(({ name }) => name === machine))
  /** The mutants that no trial has caught, with the number of trials so far. */
  const open = new Map(mutants.map(mutant => [mutant, 0]))
  for (const trial of trials) {
    const next = [...open.keys()].filter(mutant => tries(trial, mutant))
    if (next.length === 0) continue
    const baseline = await baselineIn(trial)
    const differing = next.filter(mutant => mayDiffer(trial, mutant, baseline))
    for await (const [mutant, by] of judge(trial, original, differing, baseline)) {
      open.set(mutant, must(open.get(mutant)) + 1)
      if (!by) continue
      open.delete(mutant)
      yield { mutant: mutant.name, worlds: must(worlds.get(nameOf(trial))), trial: nameOf(trial), by }
    }
  }
  for (const [mutant, tried] of open) yield { mutant: mutant.name, worlds: allWorlds(mutant), tried }
}

/** Returns whether the mutant may take another step in the trial than the original. */
const mayDiffer = (trial: Trial, { takes }: Mutant, { taken }: Baseline): boolean =>
  trial.only !== undefined || takes === undefined || takes.some(id => taken.has(id))
