import { printable } from '../../checker/text/printable.ts'
import { writeError } from '../rim.ts'

/** Prints a line on standard error, because standard output may carry the bytes of a connection. */
export const say = (line: string): void => {
  writeError(`${printable(line)}\n`)
}

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
