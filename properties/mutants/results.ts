/** The result of each mutant, kept in a file that tests and docs/mutants.md read. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Notice } from './judge.ts'

export interface Result {
  readonly mutant: string
  /** A digest of the trial's world; of a survivor, of all trials' worlds: whether the result is still about them. */
  readonly worlds: string
  /** The name of the trial in which it was noticed; none when nobody notices in any. */
  readonly trial?: string
  readonly by?: Notice
  /** Of a survivor: in how many trials it was tried. In the others it never takes another step than the original. */
  readonly tried?: number
}

const file = new URL('./results.json', import.meta.url)

export const readResults = (): Result[] => JSON.parse(readFileSync(file, 'utf8'))

/** One line a result, so that changes are seen line by line. */
export const writeResults = (results: readonly Result[]): void =>
  writeFileSync(file, `[\n${results.map(r => JSON.stringify(r)).join(',\n')}\n]\n`)
