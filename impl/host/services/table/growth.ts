/** How the columns of a table grow: typed arrays with little unused space, at a bounded cost per row. */

export const LEAST_ROWS = 16

/** Small arrays double; large ones keep at most a sixteenth unused, so that each row is copied about 16 times. */
const DOUBLES_BELOW = 1024

/** Returns the next capacity after `rows`, at most `limit`. */
export const grown = (rows: number, limit: number): number =>
  Math.min(limit, rows < DOUBLES_BELOW ? 2 * rows : rows + (rows >> 4))

type Column = Int32Array | Float64Array

/** Returns a longer array with the same beginning. */
export function longer<Numbers extends Column>(column: Numbers, length: number): Numbers {
  const copy = new (column.constructor as new (length: number) => Numbers)(length)
  copy.set(column)
  return copy
}
