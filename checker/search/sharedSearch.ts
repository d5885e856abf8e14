import type { Memories, SharedArrays } from '../codegen/wasm/arena.ts'
import type { Plan } from './search.ts'

/** What all threads of a search share. */
export interface Shared {
  readonly plan: Plan
  readonly arena: SharedArrays
  readonly memories: Memories
  readonly workers: number
  /** Words, by {@link Word}. */
  readonly words: Int32Array
  /** Ranges of stored states, `from` and `to` in turn, in breadth-first order. */
  readonly ranges: Int32Array
  /** The counts of each worker, by {@link Count}. */
  readonly counts: Float64Array
}

/** Indexes of the shared words. */
export const Word = {
  /** Workers that have arrived at the barrier, and how often it has opened. */
  arrived: 0,
  round: 1,
  /** The decision of the last worker to arrive, a {@link Decision}. */
  decision: 2,
  /** Not 0 if a worker found the table too full. */
  grow: 3,
  /** A {@link Stop}. */
  stop: 4,
  /** The next range to claim. */
  claim: 5,
  /** Ranges written, and how many of them belong to the current level or to earlier ones. */
  ranges: 6,
  levelEnd: 7,
  /** The next state number that no worker has reserved. */
  numbers: 8,
  depth: 9,
  /**
   * Marks added in a sweep; and whether any were added since the last look at all states, -1 before the first
   * look.
   */
  changes: 10,
  marks: 11,
  /** The number of the current pass over all states. */
  passes: 12,
  /** The recoveries that are due somewhere without their goal, as a bit mask. */
  sought: 13,
} as const

/** The number of shared words. */
export const WORDS = 14

/**
 * Indexes of a worker's counts: states found, steps taken, states expanded, states looked at in this pass.
 */
export const Count = { found: 0, steps: 1, expanded: 2, looked: 3 } as const

/** The number of counts of a worker. */
export const COUNTS = 4

/** Why the workers must stop. */
export const Stop = { no: 0, violation: 1, memory: 2, aborted: 3 } as const

/** What all workers do after the barrier. */
export const Decision = { goOn: 0, grow: 1, end: 2 } as const

/**
 * How often a waiting worker looks before it sleeps. Levels of small worlds are shorter than it takes to fall
 * asleep.
 */
const SPINS = 2000

/** Waits until all workers have arrived. The last one decides what all do next. Returns the decision. */
export function barrier({ words, workers }: Shared, decide: () => number): number {
  const round = Atomics.load(words, Word.round)
  if (Atomics.add(words, Word.arrived, 1) === workers - 1) {
    words[Word.decision] = decide()
    Atomics.store(words, Word.arrived, 0)
    Atomics.add(words, Word.round, 1)
    Atomics.notify(words, Word.round)
  } else {
    for (let spins = 0; spins < SPINS && Atomics.load(words, Word.round) === round; spins++);
    while (Atomics.load(words, Word.round) === round) Atomics.wait(words, Word.round, round)
  }
  return Atomics.load(words, Word.decision)
}

/** Asks all workers to stop, unless somebody has asked before. The first reason stays. */
export function stop({ words }: Shared, why: number): void {
  Atomics.compareExchange(words, Word.stop, Stop.no, why)
}

/** Claims ranges in turn until none is left or the workers must stop. */
export function shareRanges({ words }: Shared, end: number, work: (range: number) => void): void {
  while (Atomics.load(words, Word.stop) === Stop.no) {
    const range = Atomics.add(words, Word.claim, 1)
    if (range >= end) return
    work(range)
  }
}
