/** How the columns of a table grow: typed arrays of which little is unused, at a bounded cost for each row. */

export const LEAST_ROWS = 16

/** Small ones double; large ones leave a sixteenth unused at most, so that each row was copied some 16 times. */
const DOUBLES_BELOW = 1024

/** The next capacity after `rows`, at most `limit`. */
export const grown = (rows: number, limit: number): number =>
  Math.min(limit, rows < DOUBLES_BELOW ? 2 * rows : rows + (rows >> 4))

type Column = Int32Array | Float64Array

/** A longer one with the same beginning. */
export function longer<Numbers extends Column>(column: Numbers, length: number): Numbers {
  const copy = new (column.constructor as new (length: number) => Numbers)(length)
  copy.set(column)
  return copy
}
