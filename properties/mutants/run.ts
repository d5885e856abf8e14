/**
 * `node properties/mutants/run.ts [--only TEXT]`: tries every mutant that has no result for the current worlds, or those
 * of them whose name contains the text. Writes results.json and docs/mutants.md.
 */

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { must } from '../../checker/text/at.ts'
import { readCaught } from '../defects/results.ts'
import type { Mutant } from './enumerate.ts'
import { mutants } from './enumerate.ts'
import { type Baseline, baselineOf, judge } from './judge.ts'
import { concerns, type Reach, reachOf } from './reach.ts'
import { reportOf } from './report.ts'
import { type Result, readResults, writeResults } from './results.ts'
import { nameOf, type Trial, trials, tries, worldOf } from './trials.ts'

const { only } = parseArgs({ options: { only: { type: 'string' } } }).values

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
const worldsOf = (mutant: Mutant, trial: string | undefined): string | undefined =>
  trial === undefined ? allWorlds(mutant) : worlds.get(trial)

/** The results of a trial with the original machines, computed when first needed. */
interface Known {
  readonly baseline: Baseline
  readonly reach: Reach
}
const known = new Map<Trial, Known>()
async function knownOf(trial: Trial): Promise<Known> {
  const found = known.get(trial) ?? {
    baseline: trial.only ? { seen: [] } : await baselineOf(trial),
    reach: await reachOf(trial, mutants),
  }
  known.set(trial, found)
  return found
}

/** Returns the kind of a mutation, without its transition. A trial that caught one of a kind often catches others too. */
const kindOf = ({ name }: Mutant): string =>
  name.replace(/^guard (\w+): (\w+) everywhere$/, '$1 $2').replace(/^.*: /, '')
const likely = new Map<string, Trial>()

/** Tries a mutant in the trial that caught it before, in the one that last caught its kind, and then in all others. */
async function tryMutant(mutant: Mutant, before: string | undefined): Promise<Result> {
  const first = trials.filter(trial => nameOf(trial) === before)
  const second = likely.get(kindOf(mutant))
  let tried = 0
  for (const trial of new Set([...first, ...(second ? [second] : []), ...trials])) {
    if (!tries(trial, mutant)) continue
    const { baseline, reach } = await knownOf(trial)
    if (!concerns(trial, reach, mutant)) continue
    tried++
    const by = await judge(trial, mutant, baseline)
    if (by) {
      likely.set(kindOf(mutant), trial)
      return { mutant: mutant.name, worlds: must(worldsOf(mutant, nameOf(trial))), trial: nameOf(trial), by }
    }
  }
  return { mutant: mutant.name, worlds: allWorlds(mutant), tried }
}

const results = new Map(readResults().map(result => [result.mutant, result]))
const isStale = (mutant: Mutant): boolean => {
  const result = results.get(mutant.name)
  return result?.worlds !== worldsOf(mutant, result?.trial)
}
/** Mutants that were never tried come first. */
const stale = mutants
  .filter(mutant => mutant.name.includes(only ?? '') && isStale(mutant))
  .sort((a, b) => Number(results.has(a.name)) - Number(results.has(b.name)))

const save = (): void => writeResults(mutants.flatMap(({ name }) => results.get(name) ?? []))

for (const [i, mutant] of stale.entries()) {
  const result = await tryMutant(mutant, results.get(mutant.name)?.trial)
  results.set(mutant.name, result)
  const { trial, by, tried } = result
  const verdict = by ? `${by.kind} ${by.id} (${by.steps}) in ${trial}` : `SURVIVES ${tried} trials`
  process.stdout.write(`${i + 1}/${stale.length} ${mutant.name}: ${verdict}\n`)
  save()
}
save()
writeFileSync(new URL('../../docs/mutants.md', import.meta.url), reportOf(readResults(), readCaught()))
