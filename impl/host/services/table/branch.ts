/**
 * What hangs below a node of the index is a number: `2 * node + 1`, or of a leaf `2 * row` and, above that, in which word
 * its prefix ends. 0: nothing.
 */
import { VALUE_MASK } from './slots.ts'

export const NODE = 1
/** Rows that share seven words have as many nodes above. */
export const NODES_LIMIT = VALUE_MASK >> 1
const ROW_BITS = 20
export const ROWS_LIMIT = 2 ** ROW_BITS - 1
export const WORDS_SHIFT = ROW_BITS + 1

export const rowOf = (branch: number): number => (branch >> 1) & ROWS_LIMIT
