/** What noticed each variant, kept in a file that the test and docs/vacuity.md read. */
import { ResultFile } from '../resultFile.ts'
import type { Strength } from './variants.ts'

export interface Result {
  readonly variant: string
  readonly is: Strength
  /** The world that noticed the variant; absent if none does. */
  readonly by?: string
}

export const { read: readResults, write: writeResults } = new ResultFile<Result>(
  new URL('./results.json', import.meta.url),
)
