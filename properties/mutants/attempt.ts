/** Tries mutants in the trials, until a property catches each. */

import { must } from '../../checker/text/at.ts'
import { subjects } from './enumerate.ts'
import { type Baseline, baselineOf, judge } from './judge.ts'
import type { Mutant } from './mutant.ts'
import type { Outcome } from './results.ts'
import { nameOf, type Trial, trials, tries } from './trials.ts'

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
export async function* attempt(machine: string, mutants: readonly Mutant[]): AsyncGenerator<Outcome> {
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
      yield { mutant: mutant.name, trial: nameOf(trial), by }
    }
  }
  for (const [mutant, tried] of open) yield { mutant: mutant.name, tried }
}

/** Returns whether the mutant may take another step in the trial than the original. */
const mayDiffer = (trial: Trial, { takes }: Mutant, { taken }: Baseline): boolean =>
  trial.only !== undefined || takes === undefined || takes.some(id => taken.has(id))
