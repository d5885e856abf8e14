/** A closed world to explore, with bounds, lowered on demand. */

import type { RuleSpec } from '../../checker/lower/world.ts'
import type { Range, TracedModel } from '../../checker/trace/model.ts'
import type { Invariants } from './invariant.ts'

export type { Actor, Bounds, PacketFields, Replacement } from '../../checker/trace/model.ts'

/** The arguments of rules: flow, message, address, binding, queue, packet and so on. Each world says which values they take. */
type Argument =
  | 'a'
  | 'b'
  | 'e'
  | 'f'
  | 'k'
  | 'm'
  | 'n'
  | 'p'
  | 'proved'
  | 'q'
  | 'r'
  | 'rule'
  | 's'
  | 'to'
  | 'v'

/** A rule of one of SAL's worlds. */
export type WorldRule<W> = RuleSpec<W, Argument>

/** One bound of a model: what it bounds, and the value that `--deep` gives it, besides its default and its range. */
export interface Bound extends Range {
  readonly what: string
  readonly deep: number
}

/** A model of SAL: what a trace needs to know of it, and what people read. */
export interface Model extends TracedModel {
  /** The properties of the protocol that it shows. */
  readonly shows: string
  readonly leavesOut: string
  readonly bounds: Readonly<Record<string, Bound>>
  readonly invariants: Invariants
}
