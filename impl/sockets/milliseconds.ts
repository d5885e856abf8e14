/** Times given by programs. */
import { socketError } from './errors.ts'

/** The longest wait of Node's timers, ms: 24 days. Node would turn a longer one into none. */
export const MAX_WAIT_MS = 2 ** 31 - 1

/** Returns the option `name` as a timer takes it; Infinity becomes the longest wait. Throws EINVAL. */
export function milliseconds(name: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0)) {
    const sentence = `${name} is ${String(value)}; give milliseconds, 0 or more`
    throw socketError('EINVAL', 'setTimeout', { sentence })
  }
  return Math.min(value, MAX_WAIT_MS)
}
