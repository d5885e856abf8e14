/** One stretch of a range of numbers. */
export interface Stretch {
  readonly first: number
  readonly count: number
}

/** The most stretches of one range, so that a campaign stays a short list of units. */
const MOST_STRETCHES = 1000

/** Splits 0 to `total` - 1 into stretches of `size`, or of a multiple of it where those would be too many. */
export function split(total: number, size: number): Stretch[] {
  const length = size * Math.max(1, Math.ceil(total / size / MOST_STRETCHES))
  return Array.from({ length: Math.ceil(total / length) }, (_, i) => ({
    first: i * length,
    count: Math.min(length, total - i * length),
  }))
}
