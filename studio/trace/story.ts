/**
 * A trace as the printers of all formats take it: a plain value of texts and numbers. The texts are not trusted; every
 * printer escapes them.
 */
export interface Story {
  readonly title: string
  /** In the order in which they are drawn. Other hosts that packets name follow. */
  readonly hosts: readonly string[]
  /** Registers before the first step. The others are known from their first change on. */
  readonly initial: readonly Register[]
  readonly steps: readonly StoryStep[]
  /**
   * The index of the first step of those that are repeated forever. Beyond the last step, nothing follows the run.
   */
  readonly loop?: number
  readonly verdict: Verdict
}

/** A number, or the name of what it stands for. */
export type Value = string | number

export interface Register {
  readonly name: string
  readonly value: Value
}

/** One choice and its outcome. */
export interface StoryStep {
  readonly index: number
  /** The rule taken, such as `deliver(2)`. */
  readonly rule: string
  /** The host that took the step; empty for a step of the network. */
  readonly host: string
  /** The machine's event; empty if it saw none. */
  readonly event: string
  readonly packet?: Packet
  readonly changes: readonly Change[]
  /** Names of the transitions taken. */
  readonly fired: readonly string[]
  readonly note?: string
}

export interface Packet {
  readonly kind: string
  readonly from: string
  readonly to: string
  readonly fields: Readonly<Record<string, Value>>
  /** Whether the network loses it. */
  readonly lost?: boolean
}

export interface Change {
  readonly name: string
  readonly before: Value
  readonly after: Value
}

/** How the trace ends. */
export type Verdict =
  | { readonly outcome: 'holds' }
  | {
      readonly outcome: 'violated'
      /** Number and name of the property, such as `16 proved-address`. */
      readonly property: string
      readonly sentence: string
      /** {@link StoryStep.index} of the step that violates it. */
      readonly step: number
    }

/**
 * Returns all registers before the first step, in the order of their first mention. A register that `initial` lacks gets
 * the value that its first change starts from.
 */
export function firstRegisters({ initial, steps }: Story): Register[] {
  const values = new Map<string, Value>(initial.map(({ name, value }) => [name, value]))
  for (const { name, before } of steps.flatMap(step => step.changes)) {
    if (!values.has(name)) values.set(name, before)
  }
  return [...values].map(([name, value]) => ({ name, value }))
}
