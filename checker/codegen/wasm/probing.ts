/** How a table is probed. */
export interface Probing {
  readonly words: number
  /** Whether several threads share the table. */
  readonly shared: boolean
  /** Whether states seen a moment ago are left out of the batch; most successors are, since actions commute. */
  readonly forgetful: boolean
}

/** How new states are numbered: globals and functions. */
export interface Numbering {
  /** The next number, the first one not yet inspected, and the end of the block. */
  readonly next: number
  readonly fresh: number
  readonly end: number
  readonly inspect: number
  /** The function that ends the block of numbers before the one given, and returns the first of a new one. */
  readonly block: number
}
