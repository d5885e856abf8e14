import type { Liveness, Rule } from '../ir/ir.ts'
import type { Graph, Plan } from './search.ts'

/** What the threads that decide liveness share. */
export interface LiveShared {
  readonly plan: Plan
  readonly graph: Graph
  readonly properties: readonly Liveness[]
  /** The rules without their bodies. */
  readonly rules: readonly Rule[]
  /** All properties, and those of the kind `stays`, as bit masks. */
  readonly all: number
  readonly stays: number
  /** The program that finds steps. */
  readonly program: WebAssembly.Module
  /** Ranges of state numbers that a thread claims at a time, `from` and `to` in turn, in breadth-first order. */
  readonly pieces: Int32Array
  /** By state, {@link FACTS} numbers, see {@link Fact}. Every step reads those of its successor, so they are neighbours. */
  readonly facts: Int32Array
  /** By state, the number of its part, or {@link NO_PART}. */
  readonly parts: Uint8Array
  /** By state, the properties for which a run can stay there forever. */
  readonly fair: Int32Array
  /** By state, 1 if the state's successors have yet to learn what waits. */
  readonly fresh: Uint8Array
  /** Control words, by {@link LiveWord}. */
  readonly words: Int32Array
  /** Bytes that each thread may take for a part of the graph. */
  readonly room: number
}

/** What `LiveShared.parts` has of states where no property waits. */
export const NO_PART = 255

/** Numbers of a state in `LiveShared.facts`. */
export const FACTS = 3

/** Indexes of a state's facts. */
export const Fact = {
  /** The properties that wait there: see `GraphPart.waiting`. */
  waiting: 0,
  /** The name of its cell. */
  cell: 1,
  /** Its place in its part. */
  place: 2,
} as const

/** Indexes of the shared words. */
export const LiveWord = {
  /** The next piece or part to claim. */
  claim: 0,
  /** Not 0 if what was found so far is void, because a state has yet to pass on what waits. */
  again: 1,
  /** The properties that are violated. */
  violated: 2,
  /** Not 0 if the threads must stop. */
  stop: 3,
  /** Not 0 if a part of the graph did not fit into the memory. */
  full: 4,
  /** Pieces and parts that are done. */
  done: 5,
  /** The properties that in some state neither begin to wait nor hold: these have to be passed on. */
  idle: 6,
} as const

export const LIVE_WORDS = 7

/** A stage of deciding liveness. Every thread takes part in each. */
export type Stage =
  /** Judges every state by itself, and learns how words change, from shortest paths and from a sample of all steps. */
  | { readonly do: 'begin' }
  /** Passes on what waits, from states to their successors. */
  | { readonly do: 'pass on' }
  /**
   * Names the cell of every state, given the names of each word's codes, and spreads the cells over `count` parts. With
   * `grown`, only cells with a code that is marked there.
   */
  | {
      readonly do: 'name'
      readonly names: readonly Int32Array[]
      readonly grown?: readonly Uint8Array[]
      readonly count: number
    }
  /** Searches the parts of the graph for fair cycles, and learns all changes of words. */
  | { readonly do: 'decide'; readonly parts: number }

/** Returns how many states a stage has left, about. */
export function frontierOf({ words, pieces, parts }: LiveShared, stage: Stage): number {
  const all = stage.do === 'decide' ? stage.parts : pieces.length / 2
  return Math.floor(parts.length * (1 - (words[LiveWord.done] as number) / all))
}

/** The result of a thread: the changes of each word that it has seen. */
export type WordChanges = readonly Int32Array[]
