/** How to probe a table. */
export interface Probing {
  readonly words: number
  /** Whether several threads share the table. */
  readonly shared: boolean
  /** Whether the batch leaves out recently seen states. Most successors are such, because actions commute. */
  readonly forgetful: boolean
}

/** How to number new states: globals and functions. */
export interface Numbering {
  /** The next number, the first number that is not yet inspected, and the end of the block. */
  readonly next: number
  readonly fresh: number
  readonly end: number
  readonly inspect: number
  /**
   * The function that ends the block of numbers before the given one, and returns the first number of a new
   * block.
   */
  readonly block: number
}
