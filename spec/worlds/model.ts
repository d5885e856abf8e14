/** A closed world to explore, with bounds, lowered on demand. */

import type { LoweredMachine } from '../../checker/lower/step.ts'
import type { World } from '../../checker/lower/world.ts'
import type { Invariants } from './invariant.ts'

/** One bound of a model: its default, what `--deep` makes of it, and the range that it may have. */
export interface Bound {
  readonly what: string
  readonly default: number
  readonly deep: number
  readonly min: number
  readonly max: number
}

export type Bounds = Readonly<Record<string, number>>

/** What a defect or a mutant puts in place of the machines and functions that are right. */
export interface Replacement {
  readonly machines?: Readonly<Record<string, LoweredMachine>>
  readonly scope?: Readonly<Record<string, unknown>>
}

/** Who acts in a world: what traces call it, and how they know it. */
export interface Actor {
  readonly name: string
  /** The part of the state that is its own, such as `flow[0]`. */
  readonly place: string
  readonly addresses: readonly number[]
  /** A step is this actor's when this cell of `did` has this value. */
  readonly acts: { readonly cell: string; readonly value: number }
}

/** A packet as people read it: where from, where to, what it is, and whatever else it has. */
export type PacketFields = {
  readonly kind: string
  readonly from: number
  readonly to: number
} & Readonly<Record<string, number | string>>

/**
 * By convention a world keeps its network in an array `net` of packets, 0 being none; a rule's argument `m` is a place in
 * it, and `f` the index of the actor whose rule it is.
 */
export interface Model {
  readonly name: string
  /** What it shows. */
  readonly shows: string
  /** What it leaves out. */
  readonly leavesOut: string
  readonly bounds: Readonly<Record<string, Bound>>
  /** What is checked in it. */
  readonly invariants: Invariants
  readonly world: (bounds: Bounds, replacement?: Replacement) => World
  readonly actors: (bounds: Bounds) => readonly Actor[]
  /** A packet of the network, given the world's view and the number that it is packed into. */
  readonly describe: (w: never, packet: number) => PacketFields
}
