/** Times that programs give. */
import { socketError } from './errors.ts'

/** The longest that Node's timers can wait, ms: 24 days. A longer one would be none at all. */
export const MAX_WAIT_MS = 2 ** 31 - 1

/** What `name` says, as a timer can take it; Infinity stands for the longest. Throws EINVAL. */
export function milliseconds(name: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0)) {
    const sentence = `${name} is ${String(value)}; give milliseconds, 0 or more`
    throw socketError('EINVAL', 'setTimeout', { sentence })
  }
  return Math.min(value, MAX_WAIT_MS)
}
