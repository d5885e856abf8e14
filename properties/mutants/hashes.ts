/** Hashes of the worlds that mutants are tried in. A result is stale if the hash of its worlds has changed. */
import { createHash } from 'node:crypto'
import type { Mutant } from './mutant.ts'
import { nameOf, trials, tries, worldOf } from './trials.ts'

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
