import type { LoweredMachine } from '../../checker/lower/step.ts'

/** A machine with one change: in a guard, a transition, a target, an action, a packet or an assignment. */
export interface Mutant {
  /** Stable and unique, such as `migration.RSYN_RECV ACK #1: fromCandidate true` or `guard fresh: true everywhere`. */
  readonly name: string
  /** The name of the changed machine in worlds. */
  readonly machine: string
  readonly mutated: LoweredMachine
  /** The transitions that do something else than in the original, if the change is about what they do. */
  readonly takes?: readonly string[] | undefined
}
