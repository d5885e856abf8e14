import type { Guard, Transition } from '../../checker/lower/machine.ts'
import type { Replacement } from '../../spec/worlds/model.ts'

/** A machine with one guard forced or one transition removed. */
export interface Mutant {
  /** Stable and unique, such as `migration.RSYN_RECV ACK #1: fromCandidate true` or `guard fresh: true everywhere`. */
  readonly name: string
  /** The machine that is changed, as worlds call it. */
  readonly machine: string
  readonly replacement: Replacement
  /** The one transition that is changed, as it was, and its guard now; undefined where a guard is changed everywhere. */
  readonly changes?: { readonly transition: Transition; readonly guard: Guard } | undefined
}
