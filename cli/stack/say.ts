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
