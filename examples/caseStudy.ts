/** What a case study is: it runs, tells whether what it is there to show was seen, and shows it. */

/** A whole number that may be chosen. */
export interface Choice {
  /** `--mib <n>` is the option of `mib`, `--outage-ms <n>` of `outageMs`. */
  readonly what: string
  readonly default: number
  readonly min: number
  readonly max: number
}

export interface Outcome {
  /** Whether what it claims was seen. */
  readonly holds: boolean
  /** What was measured, as JSON. */
  readonly facts: object
  /** What was measured, for people, on standard output. */
  readonly print: () => void
  /** A picture of it. */
  readonly svg: string
}

export interface CaseStudy<Name extends string = string> {
  readonly name: string
  /** What it does, in a sentence. */
  readonly summary: string
  /** What must be seen, in a sentence. */
  readonly claim: string
  readonly choices: Readonly<Record<Name, Choice>>
  /** `progress` is told in a line how far it is. Rejects when something fails that has nothing to do with the claim. */
  run(chosen: Readonly<Record<Name, number>>, progress: (line: string) => void): Promise<Outcome>
}
