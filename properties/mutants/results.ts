/** What became of each mutant, kept in a file so that it can be read, tested and brought up to date. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Notice } from './judge.ts'
import type { Trial } from './trials.ts'

export interface Result {
  readonly mutant: string
  /** Tells whether the worlds are still those that the result was found in. */
  readonly worlds: string
  /** The first trial in which anybody noticed; undefined when nobody did in any. */
  readonly trial?: Trial
  /** All who noticed in that trial, the shortest way first. */
  readonly by: readonly Notice[]
  /** Whether any trial had other states or steps than without the mutant. */
  readonly differs: boolean
}

const file = new URL('./results.json', import.meta.url)

export const readResults = (): Result[] => JSON.parse(readFileSync(file, 'utf8'))

/** One line a result, so that changes are seen line by line. */
export const writeResults = (results: readonly Result[]): void =>
  writeFileSync(file, `[\n${results.map(r => JSON.stringify(r)).join(',\n')}\n]\n`)
