import type { Layout } from '../codegen/packing.ts'
import type { Memories, SharedArrays, Sizes, Space } from '../codegen/wasm/arena.ts'
import type { Budget } from './budget.ts'

/** How far a search has got. */
export interface Progress {
  /** 0 while states are being found; which look at all of them this is, while recoverability is being decided. */
  readonly pass: number
  readonly distinct: number
  readonly generated: number
  /** The distance from the initial state that is being expanded. */
  readonly depth: number
  /** States found but not expanded; in a pass, those not looked at yet. */
  readonly frontier: number
  /** Bytes of states, parents and table in use. */
  readonly bytes: number
  /** States found per second; in a pass, looked at. */
  readonly rate: number
}

/** Why a search ended before everything was explored. */
export type Ending = 'complete' | 'violation' | 'memory' | 'aborted'

/** What is to be searched and within what limits. It can be sent to a thread. */
export interface Plan {
  readonly budget: Budget
  readonly layout: Layout
  readonly sizes: Sizes
  readonly space: Space
  /** The packed initial state. */
  readonly initial: Int32Array
  /** The program that explores. */
  readonly explorer: WebAssembly.Module
}

/** An explored graph. Passes over it (traces, recoverability) take this and need nothing of how it was made. */
export interface Graph {
  readonly arena: SharedArrays
  readonly memories: Memories
  /** Slots of the table in use. */
  readonly slots: number
  /** Ranges of state numbers, `from` and `to` by turns, so that states come in breadth-first order. */
  readonly ranges: readonly number[]
}

/** What a search found. */
export interface Found {
  readonly graph: Graph
  readonly ending: Ending
  readonly distinct: number
  readonly generated: number
  /** The greatest distance of a found state from the initial one. */
  readonly depth: number
  readonly coverage: Float64Array
  /** For each thread, where each check was first met: see `Space.hits`. */
  readonly hits: readonly Int32Array[]
  /** For each left side of an implication, not 0 if it was true; then for each rule, if it was taken: see `Space.noted`. */
  readonly noted: Uint8Array
}

/** A way to search: in this thread or in several. */
export interface Engine {
  search(plan: Plan): Promise<Found>
  /** Marks the states of a complete graph by the program `recoverer`; false when aborted. */
  recover(plan: Plan, graph: Graph, recoverer: WebAssembly.Module): Promise<boolean>
  close(): Promise<void>
}
