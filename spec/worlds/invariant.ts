/** What an invariant is. */
import type { FlowWorld } from './flow/state.ts'

interface Named {
  /** Its number in docs/protocol.md. */
  readonly id: string
  readonly sentence: string
  /** Where the rule comes from: an RFC, a paper, a defect of the prototype. */
  readonly source: string
}

/** Holds in every reachable state, or, when it looks at `was` or `did`, for every step. */
export interface Safety<W = FlowWorld> extends Named {
  readonly holds: (w: W, was: W) => boolean
}

/** From every reachable state where `when` holds, `goal` can still be reached once faults stop. */
export interface Recoverability<W = FlowWorld> extends Named {
  readonly when: (w: W) => boolean
  readonly goal: (w: W) => boolean
}

/** All that is checked in worlds of one kind. */
export interface Invariants {
  readonly safety: readonly Safety<never>[]
  readonly recoveries: readonly Recoverability<never>[]
}
