import type { Memories, SharedArrays } from '../codegen/wasm/arena.ts'
import type { Plan } from './search.ts'

/** What all threads of a search share. */
export interface Shared {
  readonly plan: Plan
  readonly arena: SharedArrays
  readonly memories: Memories
  readonly workers: number
  /** Control words, by {@link Word}. */
  readonly control: Int32Array
  /** Ranges of stored states, `from` and `to` by turns, in breadth-first order. */
  readonly ranges: Int32Array
  /** For each worker, by {@link Count}. */
  readonly counts: Float64Array
}

/** Places of the control words. */
export const Word = {
  /** Workers that have arrived at the barrier, and how often it has opened. */
  arrived: 0,
  round: 1,
  /** What the last to arrive decided, a {@link Decision}. */
  decision: 2,
  /** Not 0 when a worker found the table too full. */
  grow: 3,
  /** A {@link Stop}. */
  stop: 4,
  /** The next range to be taken. */
  claim: 5,
  /** Ranges written, and how many of them belong to the level being expanded or to earlier ones. */
  ranges: 6,
  levelEnd: 7,
  /** The next state number that is not given out. */
  numbers: 8,
  depth: 9,
  /** Marks added in a sweep; and whether any were since states were looked at, -1 before the first time. */
  changes: 10,
  marks: 11,
  /** How often all states have been looked at, this time included, to decide recoverability. */
  passes: 12,
} as const

/** How many control words there are. */
export const WORDS = 13

/** Places of a worker's counts: states found, steps taken, states expanded, states looked at in this pass. */
export const Count = { found: 0, steps: 1, expanded: 2, looked: 3 } as const

/** How many counts a worker has. */
export const COUNTS = 4

/** Why the workers are to stop. */
export const Stop = { no: 0, violation: 1, memory: 2, aborted: 3 } as const

/** What all workers do after they have met. */
export const Decision = { goOn: 0, grow: 1, end: 2 } as const

/** How often a waiting worker looks before it sleeps: levels of small worlds are shorter than falling asleep. */
const SPINS = 2000

/** Waits until all workers are here; the last one decides what they do next. Returns that decision. */
export function barrier({ control, workers }: Shared, decide: () => number): number {
  const round = Atomics.load(control, Word.round)
  if (Atomics.add(control, Word.arrived, 1) === workers - 1) {
    control[Word.decision] = decide()
    Atomics.store(control, Word.arrived, 0)
    Atomics.add(control, Word.round, 1)
    Atomics.notify(control, Word.round)
  } else {
    for (let spins = 0; spins < SPINS && Atomics.load(control, Word.round) === round; spins++);
    while (Atomics.load(control, Word.round) === round) Atomics.wait(control, Word.round, round)
  }
  return Atomics.load(control, Word.decision)
}

/** Asks all workers to stop, unless they have been asked already. */
export function stop({ control }: Shared, why: number): void {
  Atomics.compareExchange(control, Word.stop, Stop.no, why)
}

/** Takes ranges by turns until there are none or the workers are to stop. */
export function shareRanges({ control }: Shared, end: number, work: (range: number) => void): void {
  while (Atomics.load(control, Word.stop) === Stop.no) {
    const range = Atomics.add(control, Word.claim, 1)
    if (range >= end) return
    work(range)
  }
}
