import { BLOCK, type Sizes } from '../codegen/wasm/arena.ts'
import { CheckerError } from '../ir/errors.ts'

/** How much fits into a memory limit. */
export interface Budget {
  /** States that can be stored. */
  readonly states: number
  /** Slots of the largest table: a power of two. */
  readonly slots: number
}

/**
 * The table doubles when this part of it is in use. After doubling it takes less than 10 bytes for each state.
 */
export const FULL = 0.85

/** Slots of the table at the start. */
export const FIRST_SLOTS = 2 ** 12

/**
 * Returns the slots of a table at the start, if `sharing` threads share it, or none. Threads reserve numbers in blocks
 * and agree to grow the table only between batches, so the part that {@link FULL} leaves free must hold all that they may
 * still add.
 */
export function firstSlots(sharing: number, places: number): number {
  return sharing === 0 ? FIRST_SLOTS : 2 ** Math.ceil(Math.log2(8 * sharing * (places + BLOCK)))
}

/**
 * The largest table, for 400 million states. With twice as many slots, only two bits of each would be left for
 * a fingerprint, and threads that share the table were seen to stand still from their first batch on.
 */
const LAST_SLOTS = 2 ** 29

/** Bytes that the states can take: one memory, minus what threads need for themselves. */
const MOST_BYTES = 2 ** 32 - 2 ** 27

/** Bytes in a mebibyte. */
const MIB = 2 ** 20

/**
 * Returns the bytes of one state without its part of the table: its words, its parent and, if used, its
 * recovery marks.
 */
export function bytesPerStored({ words, marked }: Pick<Sizes, 'words' | 'marked'>): number {
  return 4 * words + 4 + 2 * Number(marked)
}

/**
 * Returns the most states that fit into `limitMb` mebibytes. Throws CHK004 if that is less than the smallest
 * table.
 */
export function budget(limitMb: number, words: number, marked: boolean, firstSlots: number): Budget {
  let best: Budget = { states: 0, slots: 0 }
  for (let slots = firstSlots; slots <= LAST_SLOTS; slots *= 2) {
    const room = Math.floor((limitMb * MIB - 4 * slots) / bytesPerStored({ words, marked }))
    const states = Math.min(room, Math.floor(slots * FULL), Math.floor(MOST_BYTES / (4 * words)) - firstSlots)
    if (states > best.states) best = { states, slots }
  }
  if (best.states > 0) return best
  throw new CheckerError(
    'CHK004',
    `a memory limit of ${limitMb} MB is too small; give at least 2 MB for each worker`,
  )
}

/**
 * Returns the state numbers that a budget needs. Threads that share them reserve blocks and check the budget
 * only between batches.
 */
export function stored(most: Budget, sharing: number, places: number): number {
  return 1 + most.states + sharing * (places + 2 * BLOCK)
}
