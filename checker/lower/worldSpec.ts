/** A closed world as people write it: a shape of state, machines that live in it, rules and properties. */
import type { Fairness, RuleKind } from '../ir/ir.ts'
import type { Scope } from './evaluate.ts'
import type { LoweredMachine } from './step.ts'
import type { Shape, View } from './value.ts'

export type { Fairness } from '../ir/ir.ts'

/** The arguments of a rule, by name. */
export type Args = Readonly<Record<string, number>>

/** A family of rules. There is a rule for every combination of `over`. `A` has the arguments of rules. */
export interface RuleSpec<W, A = Args> {
  readonly name: string
  readonly kind: RuleKind
  readonly helps?: boolean
  /** What liveness properties assume of this rule, unless they have assumptions of their own. */
  readonly fair?: Fairness
  /**
   * Divides the steps of the rule: the assumption holds for each value that this returns in the state before the
   * step, and not for 0. Rules of one family that return the same value count as one.
   */
  readonly each?: (w: W, args: A) => number
  /** The values that each argument takes. */
  readonly over?: Readonly<Record<string, readonly number[]>>
  readonly when: (w: W, args: A) => boolean | number
  readonly take: (w: W, args: A) => void
  /**
   * Plain JavaScript, for people and traces. Returns what the rule would do in state `w`, by kind and direction
   * instead of by index.
   */
  readonly label?: (w: W, args: A) => string
}

/** A property of every state, or with `was` of every step. */
export interface InvariantSpec<W> {
  readonly id: string
  readonly holds: (w: W, was: W) => boolean | number
}
/** From every state where `when` holds, a state where `goal` holds can be reached without faults. */
export interface RecoverySpec<W> {
  readonly id: string
  readonly when: (w: W) => boolean | number
  readonly goal: (w: W) => boolean | number
}
/**
 * A property of endless runs. With `when` and `goal`: every state where `when` holds leads to a state where
 * `goal` holds. With `ends`: whenever it holds, it stops to hold. With `stays`: from some state on, it holds for
 * ever.
 */
export type LivenessSpec<W> = {
  readonly id: string
  /** The assumptions, by family of rules. Absent: what the rules say of themselves. */
  readonly under?: Readonly<Record<string, Fairness>>
} & (
  | { readonly when: (w: W) => boolean | number; readonly goal: (w: W) => boolean | number }
  | { readonly ends: (w: W) => boolean | number }
  | { readonly stays: (w: W) => boolean | number }
)
/** A state or step that the world must be able to show. */
export interface WitnessSpec<W> {
  readonly name: string
  readonly seen: (w: W, was: W) => boolean | number
}

/** The parts of a world. `W` is its state with the cells of a step, and `V` its state alone, as rules and properties read them. */
interface WorldParts<W, V, A> {
  readonly name: string
  readonly shape: Shape
  /**
   * Cells of `w.did`. They are 0 at the start of every rule, and a step uses them to inform its invariants.
   */
  readonly did: readonly string[]
  readonly machines: Readonly<Record<string, LoweredMachine>>
  /**
   * For each effect, what a machine's effect does to the world. `self` is the place that `step` was given.
   */
  readonly effects: Readonly<Record<string, (w: never, self: never, params: never) => void>>
  readonly scope: Scope
  readonly rules: readonly RuleSpec<W, A>[]
  readonly invariants: readonly InvariantSpec<W>[]
  readonly recoveries: readonly RecoverySpec<V>[]
  readonly liveness?: readonly LivenessSpec<V>[]
  readonly witnesses: readonly WitnessSpec<W>[]
  readonly final: (w: V) => boolean | number
}

/** A state of shape `S`, with the cells `D` of a step, as rules and properties see it. */
export type WorldView<S, D extends string> = View<S> & { did: Record<D, number> }

/** A state without the cells of a step, which only rules, invariants and witnesses read. */
export type StateOf<W> = Omit<W, 'did'>

/** A closed world: machines, their places in a state, rules, and what is to be checked. */
export interface WorldSpec<S extends Shape = Shape, D extends string = string, A = Args>
  extends WorldParts<WorldView<S, D>, StateOf<WorldView<S, D>>, A> {
  readonly shape: S
  readonly did: readonly D[]
}

/** A world of any shape, to be read and not to be run. */
export type AnyWorld = WorldParts<never, never, never>
