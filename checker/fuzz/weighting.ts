import type { RuleKind } from '../ir/ir.ts'
import type { LoweredWorld } from '../lower/world.ts'
import type { State } from '../search/walk.ts'

/** A rule's family: the rules that a world makes of one specification, such as `deliver` for every place of a network. */
export interface Family {
  readonly name: string
  readonly kind: RuleKind
}

/** How likely random walks take the rules of a world. Walks that choose evenly spend most steps where little happens. */
export interface Weighting {
  /** Phases of a walk: weights may differ from one to the next. */
  readonly phases: number
  /** Returns the function that tells the phase of a state, from 0 to `phases` - 1. It runs once for each step. */
  readonly phaseIn: (world: LoweredWorld) => (state: State) => number
  /** The weight of a family in a phase, against the other families that can be taken. */
  readonly weigh: (family: Family, phase: number) => number
  /** Families without which nothing begins: no mood leaves them out. */
  readonly indispensable: ReadonlySet<string>
  /** The family that empties the network, so that a proof starts from a small state. */
  readonly delivery: string
}

const BY_KIND: Readonly<Record<RuleKind, number>> = { protocol: 20, environment: 10, fault: 15 }

/** Weights for a world of which nothing is known but the kinds of its rules. */
export const byKind: Weighting = {
  phases: 1,
  phaseIn: () => () => 0,
  weigh: ({ kind }) => BY_KIND[kind],
  indispensable: new Set(),
  delivery: 'deliver',
}
