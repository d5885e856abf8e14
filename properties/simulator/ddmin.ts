/**
 * Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), the variant that
 * tries complements only: the complement of one half is the other half.
 */

/**
 * Resolves to a part of `items`, in their order, from which no single item can be removed. `reduce` gets a candidate
 * part. It resolves to what to keep of it (it may remove still more), or to `undefined` if the failure is gone.
 *
 * Halves are removed first, then quarters, and so on, each time from the end: what comes after a failure does not
 * matter, and what remains before it runs as it did.
 */
export async function ddmin<T>(
  items: readonly T[],
  reduce: (part: readonly T[]) => Promise<readonly T[] | undefined>,
): Promise<readonly T[]> {
  let best = items
  for (let size = Math.ceil(best.length / 2); size > 0; ) {
    const before = best.length
    for (let end = best.length; end > 0; end -= size) {
      const part = [...best.slice(0, Math.max(0, end - size)), ...best.slice(end)]
      best = (await reduce(part)) ?? best
    }
    const isSmaller = best.length < before
    if (size === 1 && !isSmaller) return best
    size = Math.min(isSmaller ? size : Math.ceil(size / 2), Math.ceil(best.length / 2))
  }
  return best
}
