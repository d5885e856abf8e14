/** Rejects arguments of the wrong type or size with the codes and classes of Node's own errors. */
import { type SocketError, type SocketErrorCode, socketError } from './errors.ts'

/** The longest wait of Node's timers, ms: 24 days. Node would turn a longer one into none. */
export const MAX_WAIT_MS = 2 ** 31 - 1

const as = <E extends Error>(type: new () => E, code: SocketErrorCode, call: string, sentence: string) =>
  Object.setPrototypeOf(socketError(code, call, { sentence }), type.prototype) as E & SocketError

/** `name` is not `expected`, such as 'a function'. */
export function argumentError(name: string, expected: string, value: unknown): TypeError & SocketError {
  const seen =
    typeof value === 'string' ? `'${value}'` : String(Object(value) === value ? typeof value : value)
  return as(TypeError, 'ERR_INVALID_ARG_TYPE', name, `${name} is ${seen}; give ${expected}`)
}

/** Returns the argument, or undefined if it was left out. Throws ERR_INVALID_ARG_TYPE. */
export function functionIn<F>(name: string, value: F | undefined): F | undefined {
  if (value !== undefined && typeof value !== 'function') throw argumentError(name, 'a function', value)
  return value
}

/**
 * Returns the argument `name` as a timer takes it: at most the longest wait. Throws ERR_INVALID_ARG_TYPE and
 * ERR_OUT_OF_RANGE. `Infinity` is allowed where it means never.
 */
export function milliseconds(name: string, value: unknown, longest = Infinity): number {
  if (typeof value !== 'number') throw argumentError(name, 'milliseconds', value)
  if (!(value >= 0 && value <= longest))
    throw as(RangeError, 'ERR_OUT_OF_RANGE', name, `${name} is ${value}; give 0 or more milliseconds`)
  return Math.min(value, MAX_WAIT_MS)
}
