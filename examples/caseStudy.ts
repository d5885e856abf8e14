/** A case study runs a network, judges whether its claim holds, and shows what it measured. */

/** An option of a study: a whole number. */
export interface Choice {
  /** `--mib <n>` is the option of `mib`, `--outage-ms <n>` of `outageMs`. */
  readonly what: string
  readonly default: number
  readonly min: number
  readonly max: number
}

/** Where an outcome prints itself, wrapped to the width of the screen. */
export interface Screen {
  readonly print: (text?: string) => void
  /** The first row is the heading. */
  readonly printTable: (rows: readonly (readonly string[])[]) => void
  readonly printWrapped: (text: string) => void
}

export interface Outcome {
  /** Whether the claim holds. */
  readonly holds: boolean
  /** The measurements, as JSON. */
  readonly facts: object
  /** Prints the measurements for people. */
  readonly print: (screen: Screen) => void
  /** A picture of the measurements. */
  readonly svg: string
}

export interface CaseStudy<Name extends string = string> {
  readonly name: string
  /** Says in a sentence what the study does. */
  readonly summary: string
  /** Says in a sentence what must hold. */
  readonly claim: string
  readonly choices: Readonly<Record<Name, Choice>>
  /** Calls `progress` with a line of text as it goes. Rejects when something fails that the claim is not about. */
  run(chosen: Readonly<Record<Name, number>>, progress: (line: string) => void): Promise<Outcome>
}
