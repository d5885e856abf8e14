import type { Memories, Space } from './arena.ts'

/** The program that explores breadth first, over ranges of state numbers. */
export interface Explorer {
  /** Takes every enabled rule in the states from `from` to before `to`. Returns the number of steps taken. */
  expand(from: number, to: number): number
  /** Enters the state at the beginning of the batch. */
  seed(): void
  /** Uses a table of `size` slots from now on. */
  resize(size: number): void
  /** Returns the first slot from `from` on at which threads can divide the table; see `growth.ts`. */
  run(from: number): number
  /**
   * Divides the slots from `from` to before `to` for a table of twice the size. Both must come from `run`. Call
   * `resize` next.
   */
  double(from: number, to: number): void
  /** Returns the number of the next state to be stored. */
  next(): number
  /** Numbers states from `next` on; up to the end of the block if threads share the table. */
  moveTo(next: number): void
}

/** Functions that an exploring program calls. */
export interface ExplorerCalls {
  /** Called before `count` successors are entered. Returns 0 if there is no room or the search must stop. */
  readonly room: (next: number, count: number) => number
  /**
   * Ends the block of numbers before `next` and returns the first number of a new block. Called only if threads
   * share the table.
   */
  readonly block: (next: number) => number
}

/** Functions that a {@link Stepper} calls. */
export interface StepperCalls {
  readonly edges: (count: number) => void
}

/** The program that works backwards: it marks the states from which a goal can be reached. */
export interface Recoverer {
  resize(size: number): void
  /**
   * Marks the states from `from` to before `to` with the goals that hold in them. Returns the recoveries that are due in
   * one of them without their goal, as a bit mask.
   */
  mark(from: number, to: number): number
  /** Chooses the recoveries to decide. The marks of others mean nothing. */
  seek(recoveries: number): void
  /** Starts an empty list of pairs of states, from byte `from` to before byte `to` of the region `states`. */
  keep(from: number, to: number): void
  /** Returns 1 if a pair did not fit into the list. */
  full(): number
  /** Marks states with the marks of their successors, and keeps pairs. Returns the number of added marks. */
  look(from: number, to: number): number
  /** Does the same for the kept pairs, from the last one on if `back` is 1. */
  again(back: number): number
  /** Returns the first state of the range where a recovery to decide is due and not marked, or 0. */
  lost(from: number, to: number): number
  /** Returns the recoveries to decide that are due in a state and not marked, as a bit mask. */
  missed(state: number): number
}

/** The program that finds the steps from stored states, and judges states by liveness properties. */
export interface Stepper {
  resize(size: number): void
  /**
   * Calls `edges(count)` for batches of the steps from the listed states, from index `from` to before `to`. Each
   * batch is in the region `edges`.
   */
  expand(from: number, to: number): void
  /** Returns the properties that begin to wait in a state: `when` holds there, and `goal` does not. */
  due(state: number): number
  /** Returns the properties whose goal holds in a state. */
  goals(state: number): number
}

/** Instantiates a thread's program over the memories that all threads share. */
export function load<Program>(
  module: WebAssembly.Module,
  memories: Memories,
  space: Space,
  thread: number,
  calls: Partial<ExplorerCalls & StepperCalls> = {},
): Program {
  const named = Object.fromEntries(memories.map((memory, index) => [`memory${index}`, memory]))
  const env = { ...named, base: thread * space.own, ...calls }
  return new WebAssembly.Instance(module, { env }).exports as Program
}
