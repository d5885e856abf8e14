/** The models of a project, as far as traces need to know them. */
import type { LoweredMachine } from '../lower/step.ts'
import type { LoweredWorld } from '../lower/world.ts'

/** Values of a model's bounds, by name. */
export type Bounds = Readonly<Record<string, number>>

/** The values that a bound may have. */
export interface Range {
  readonly default: number
  readonly min: number
  readonly max: number
}

/** The machines and functions that a defect or a mutant puts in place of the correct ones. */
export interface Replacement {
  readonly machines?: Readonly<Record<string, LoweredMachine>>
  readonly scope?: Readonly<Record<string, unknown>>
}

/** A party that acts in a world. */
export interface Actor {
  /** Its name in traces. */
  readonly name: string
  /** Its part of the state, such as `flow[0]`. */
  readonly place: string
  readonly addresses: readonly number[]
  /** A step is this actor's if this cell of `did` has this value. */
  readonly acts: { readonly cell: string; readonly value: number }
}

/** A packet as people read it: its kind, where it comes from and goes to, and its other fields. */
export type PacketFields = {
  readonly kind: string
  readonly from: number
  readonly to: number
} & Readonly<Record<string, number | string>>

/** A property as people read it. */
export interface Statement {
  /** Its number; unique within its kind. */
  readonly id: string
  /** Unique in the project. */
  readonly name: string
  readonly sentence: string
}

/**
 * A closed world with bounds, lowered on demand.
 *
 * By convention a world keeps its network in an array `net` of packets, where 0 is an empty place. A rule's argument `m` is
 * a place of the network, and `f` is the index of the actor whose rule it is.
 */
export interface TracedModel {
  readonly name: string
  readonly bounds: Readonly<Record<string, Range>>
  readonly invariants: {
    readonly safety: readonly Statement[]
    readonly recoveries: readonly Statement[]
    readonly liveness: readonly Statement[]
  }
  readonly world: (bounds: Bounds, replacement?: Replacement) => LoweredWorld
  readonly actors: (bounds: Bounds) => readonly Actor[]
  /** Returns a packet of the network, given the world's view and the number that the packet is packed into. */
  readonly describe: (w: never, packet: number) => PacketFields
}

/** The models and defects that traces may name. */
export interface Catalogue<M extends TracedModel = TracedModel> {
  readonly models: readonly M[]
  readonly defects: readonly { readonly id: string; readonly replacement: Replacement }[]
}
