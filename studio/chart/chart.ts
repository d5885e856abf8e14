/** A machine as the printers take it: a plain value in document order, without XState. */
export interface Chart {
  readonly name: string
  readonly regions: readonly Region[]
  /** The kind of each event, by its name. */
  readonly kinds: Readonly<Record<string, EventKind>>
  /** The number of the machine's transitions. An edge stands for one transition per event that it names. */
  readonly transitions: number
}

/** States of which exactly one is current. A machine without parallel regions is one region of the machine's name. */
export interface Region {
  readonly name: string
  /** Name of the initial state. */
  readonly initial: string
  readonly states: readonly State[]
  readonly edges: readonly Edge[]
}

export interface State {
  /** Unique within its region. */
  readonly name: string
  readonly final: boolean
  readonly entry: readonly string[]
  readonly exit: readonly string[]
}

/** All transitions that differ in nothing but their event. `from` equal to `to` stays in the state. */
export interface Edge {
  /** Name of a state, or {@link ANY_STATE}. */
  readonly from: string
  readonly to: string
  readonly events: readonly string[]
  /** Empty: unconditional. {@link OTHERWISE}: taken when no earlier transition for the event was. */
  readonly guard: string
  readonly actions: readonly string[]
  /** A self-transition that runs the state's exit and entry actions. */
  readonly reenters: boolean
}

/** The source of transitions that belong to a region or to the whole machine. */
export const ANY_STATE = '(any state)'

/** The guard text of a fallback. */
export const OTHERWISE = 'otherwise'

/** The event of a transition that waits for none. */
export const ALWAYS = 'always'

/** The origin of an event. `automatic`: the machine continues by itself. */
export type EventKind = 'application' | 'packet' | 'timer' | 'automatic'

export const EVENT_KINDS: readonly EventKind[] = ['application', 'packet', 'timer', 'automatic']
