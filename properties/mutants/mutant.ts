import type { Transition } from '../../spec/lower/machine.ts'
import type { Replacement } from '../../spec/models/model.ts'

/** A machine with one guard forced or one transition removed. */
export interface Mutant {
  /** Stable and unique, such as `migration.RSYN_RECV ACK #1: fromCandidate true` or `guard fresh: true everywhere`. */
  readonly name: string
  readonly replacement: Replacement
  /** The one transition that is changed; undefined where a guard is changed everywhere. */
  readonly changes?: Changed | undefined
}

export interface Changed {
  readonly transition: Transition
  /** Whether it is taken more often than it should be, or less. */
  readonly widens: boolean
  /** What else may be taken from its source on its event, when its guard does not hold. */
  readonly after: readonly string[]
}
