/** A file of results, which a run writes and tests and pages read. */
import { readFileSync, writeFileSync } from 'node:fs'

export class ResultFile<Result> {
  readonly #file: URL

  constructor(file: URL) {
    this.#file = file
  }

  readonly read = (): Result[] => JSON.parse(readFileSync(this.#file, 'utf8'))

  /** Writes one line for each result, so that a diff shows the changed ones. */
  readonly write = (results: readonly Result[]): void =>
    writeFileSync(this.#file, `[\n${results.map(r => JSON.stringify(r)).join(',\n')}\n]\n`)
}
