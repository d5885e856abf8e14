import { printable } from '../../checker/text/printable.ts'
import { writeError } from '../rim.ts'

/** How much a line matters to an operator. */
type Level = 'info' | 'warning' | 'error'

/**
 * Prints a line on standard error, because standard output may carry the bytes of a connection. With SERVAL_LOG=json it is an
 * object with the time, the level and the line, for programs that collect logs.
 */
export const say = (line: string, level: Level = 'info'): void => {
  writeError(`${process.env.SERVAL_LOG === 'json' ? entryOf(line, level) : printable(line)}\n`)
}

const entryOf = (message: string, level: Level): string =>
  JSON.stringify({ time: new Date().toISOString(), level, message: printable(message) })

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `17 B`, `1.5 MiB`. */
export function size(bytes: number): string {
  let unit = 0
  let value = bytes
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** `0.42 ms`, `17 ms`. */
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`
