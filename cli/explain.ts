/** Prints the errors of all rooms, and of the system, for people. */
import { CommanderError } from 'commander'
import { LinkError } from '../impl/link/errors.ts'
import { CliError } from './errors.ts'

/** Returns the code of an error; empty if it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** Returns an error as one sentence with its code. */
export function explain(error: unknown): string {
  if (error instanceof CommanderError) {
    const sentence = error.message.replace(/^error: /, '').replaceAll('\n', ' ')
    return new CliError('CLI_USAGE', `${sentence}; see serval --help`).message
  }
  if (!(error instanceof Error)) return explain(new Error(String(error)))
  if (error.cause instanceof LinkError) return error.cause.message
  const code = codeOf(error)
  if (code !== '' && error.message.startsWith(code)) return error.message
  // As Node has them: `connect ECONNREFUSED 127.0.0.1:9: what to do`.
  const [, subject = '', sentence] =
    new RegExp(`^\\w+ ${code || '-'}(?: (\\S+))?: (.*)$`).exec(error.message) ?? []
  if (sentence !== undefined) return `${code}: ${subject && `${subject}: `}${sentence}`
  if (code !== '' && 'syscall' in error) return `${code}: ${error.message.replace(` ${code}`, '')}`
  return `CLI_UNEXPECTED: ${error.message.split('\n')[0]}; this is a fault of serval; set SERVAL_DEBUG=1 for a stack trace, and report it`
}
