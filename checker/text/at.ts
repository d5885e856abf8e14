/**
 * Returns `list[i]` without a check. Use it where the surrounding code proves the index.
 *
 * Do not use it in a loop that runs per packet or per state: V8 shares its lookup among all kinds of lists, so
 * there it is 30 times slower than an inline lookup. Do not use it in sources that are lowered either. Both
 * write `list[i] as number`, which costs nothing.
 */
export const at = <T>(list: ArrayLike<T>, i: number): T => list[i] as T

/** Returns `value`. Throws an error that names `what` if the value is undefined or null. */
export function must<T>(value: T, what = 'a value'): NonNullable<T> {
  if (value === undefined || value === null) throw new Error(`${what} is missing`)
  return value
}
