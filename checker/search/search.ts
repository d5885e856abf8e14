import type { Layout } from '../codegen/packing.ts'
import type { Memories, SharedArrays, Sizes, Space } from '../codegen/wasm/arena.ts'
import type { Budget } from './budget.ts'
import type { LiveShared, Stage, WordChanges } from './liveShared.ts'

/** The progress of a search. */
export interface Progress {
  /** What the search decides. */
  readonly of: 'safety' | 'recoverability' | 'liveness'
  /**
   * 0 while the search finds states. While it decides recoverability or liveness, the number of the current pass
   * over all states.
   */
  readonly pass: number
  readonly distinct: number
  readonly generated: number
  /** The distance of the expanded states from the initial state. */
  readonly depth: number
  /** States found but not yet expanded; in a pass, those not yet looked at. */
  readonly frontier: number
  /** Bytes of states, parents and table in use. */
  readonly bytes: number
  /** States found per second; in a pass, states looked at per second. */
  readonly rate: number
}

/** Why a search ended before everything was explored. */
export type Ending = 'complete' | 'violation' | 'memory' | 'aborted'

/** What to search, and within what limits. It can be sent to a thread. */
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

/** An explored graph. Paths and recoverability need nothing else of the search. */
export interface Graph {
  readonly arena: SharedArrays
  readonly memories: Memories
  /** Slots of the table in use. */
  readonly slots: number
  /** Ranges of state numbers, `from` and `to` in turn, in breadth-first order. */
  readonly ranges: readonly number[]
}

/** The result of a search. */
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
  /** Which left sides of implications were true, and which rules were taken: see `Space.noted`. */
  readonly noted: Uint8Array
}

/** A way to search: in this thread or in several. */
export interface Searcher {
  search(plan: Plan): Promise<Found>
  /**
   * Marks the states of a complete graph by the program `recoverer`. Returns the recoveries that are due somewhere without
   * their goal, as a bit mask, or undefined if aborted.
   */
  recover(plan: Plan, graph: Graph, recoverer: WebAssembly.Module): Promise<number | undefined>
  /** Does a stage of deciding liveness. Returns the answer of each thread, or undefined if aborted. */
  live(shared: LiveShared, stage: Stage): Promise<readonly WordChanges[] | undefined>
}
