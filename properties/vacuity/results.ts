/** What noticed each variant, kept in a file that the test and docs/vacuity.md read. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Strength } from './variants.ts'

export interface Result {
  readonly variant: string
  readonly is: Strength
  /** The world that noticed the variant; absent if none does. */
  readonly by?: string
}

const file = new URL('./results.json', import.meta.url)

export const readResults = (): Result[] => JSON.parse(readFileSync(file, 'utf8'))

/** Writes one line for each result, so that a diff shows the changed ones. */
export const writeResults = (results: readonly Result[]): void =>
  writeFileSync(file, `[\n${results.map(r => JSON.stringify(r)).join(',\n')}\n]\n`)
