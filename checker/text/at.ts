/**
 * Returns `list[i]` without a check: use it where the code around it proves the index.
 * Not in a loop that runs per packet or per state, where V8 would share its lookup with every other kind of list (30
 * times slower than an inline one); nor in sources that are lowered. Both write `list[i] as number`, which costs nothing.
 */
export const at = <T>(list: ArrayLike<T>, i: number): T => list[i] as T

/** Returns `value`. Throws an error that names `what` if the value is undefined or null. */
export function must<T>(value: T, what = 'a value'): NonNullable<T> {
  if (value === undefined || value === null) throw new Error(`${what} is missing`)
  return value
}
