/**
 * What is drawn of a trace, whatever its format: a plain value made of texts and numbers to show. Nothing in it is
 * trusted: every printer escapes every text.
 */
export interface Story {
  readonly title: string
  /** In the order in which they are drawn; whoever else a packet names is added after them. */
  readonly hosts: readonly string[]
  /** Registers before the first step; those not named here are known from their first change on. */
  readonly initial: readonly Register[]
  readonly steps: readonly Step[]
  readonly verdict: Verdict
}

/** A number, or the name of what it stands for. */
export type Value = string | number

export interface Register {
  readonly name: string
  readonly value: Value
}

/** One choice and what came of it. */
export interface Step {
  readonly index: number
  /** The rule taken, such as `deliver(2)`. */
  readonly rule: string
  /** Where it was taken; empty for what happens in the network or nowhere. */
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
  /** True for one that never arrives. */
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
      /** The invariant's number, such as `16`. */
      readonly invariant: string
      readonly sentence: string
      /** {@link Step.index} of the step that breaks it. */
      readonly step: number
    }
