/**
 * What hangs below a node of the index, as a number: `2 * node + 1` for a node; `2 * row` for a leaf, with the number
 * of the word in which its prefix ends above it; 0 for nothing.
 */
import { VALUE_MASK } from './slots.ts'

export const NODE = 1
/** Rows that share seven words have as many nodes above. */
export const NODES_LIMIT = VALUE_MASK >> 1
const ROW_BITS = 20
export const ROWS_LIMIT = 2 ** ROW_BITS - 1
export const WORDS_SHIFT = ROW_BITS + 1

export const rowOf = (branch: number): number => (branch >> 1) & ROWS_LIMIT
