/** The result of each mutant, kept in a file that tests and docs/mutants.md read. */
import { ResultFile } from '../resultFile.ts'
import type { Notice } from './judge.ts'

/** What the trials found of a mutant. */
export interface Outcome {
  readonly mutant: string
  /** The name of the trial that caught the mutant; absent for a survivor. */
  readonly trial?: string
  readonly by?: Notice
  /** For a survivor, the number of trials. In all other worlds it never differs from the original. */
  readonly tried?: number
}

export interface Result extends Outcome {
  /** A hash of the trial's world, or for a survivor of all worlds. If it differs from the current one, the result is stale. */
  readonly worlds: string
}

export const { read: readResults, write: writeResults } = new ResultFile<Result>(
  new URL('./results.json', import.meta.url),
)
