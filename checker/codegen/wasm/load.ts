import type { Memories, Space } from './arena.ts'

/** The program that explores: breadth first over ranges of state numbers. */
export interface Explorer {
  /** Takes every enabled rule in states `from` to before `to`; returns the number of steps taken. */
  expand(from: number, to: number): number
  /** Enters the state that stands at the beginning of the batch. */
  seed(): void
  /** Uses a table of `size` slots from now on. */
  resize(size: number): void
  /** The first slot, not before `from`, at which the table can be divided between threads; see `growth.ts`. */
  run(from: number): number
  /** Divides the slots between two such, for a table of twice the size; `resize` comes after. */
  double(from: number, to: number): void
  /** The number of the next state to be stored, and how many this thread has added. */
  next(): number
  /** Numbers states from `next` on (up to the end of the block, where threads share the table). */
  moveTo(next: number): void
}

/** What an exploring program calls. */
export interface ExplorerCalls {
  /** Called before `count` successors are entered; 0 when there is no room or the search is to stop. */
  readonly room: (next: number, count: number) => number
  /** Ends the block of numbers before `next` and gives the first number of a new one; only where threads share the table. */
  readonly block: (next: number) => number
}

/** The program that walks backwards: marks states from which a goal can be reached. */
export interface Recoverer {
  resize(size: number): void
  /** Marks states `from` to before `to` with the goals that hold in them. */
  mark(from: number, to: number): void
  /** Keeps pairs of states, from the first to before the second of these bytes of `states`; there are none there yet. */
  keep(from: number, to: number): void
  /** 1 if there was too little room for pairs since then. */
  full(): number
  /** Marks states with what their successors are marked with, and keeps pairs; returns how many marks were added. */
  look(from: number, to: number): number
  /** Does the same by the kept pairs, from the last on if `back` is 1. */
  again(back: number): number
  /** The first state of the range where recovery `index` is due and not marked, or 0. */
  lost(index: number, from: number, to: number): number
}

/** Makes a thread's own program of its code and the memories that all share. */
export function load<Program>(
  module: WebAssembly.Module,
  memories: Memories,
  space: Space,
  thread: number,
  calls: Partial<ExplorerCalls> = {},
): Program {
  const named = Object.fromEntries(memories.map((memory, index) => [`memory${index}`, memory]))
  const env = { ...named, base: thread * space.own, ...calls }
  return new WebAssembly.Instance(module, { env }).exports as Program
}
