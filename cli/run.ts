import { CommanderError } from 'commander'
import { CliError } from './errors.ts'
import { EXIT } from './exit.ts'
import { makeProgram } from './program.ts'

/** Runs one command and gives its exit code; nothing is thrown. */
export async function run(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.HOLDS
  const program = makeProgram(code => {
    status = code
  })
  try {
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync(argv, { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.HOLDS
    process.stderr.write(`serval: ${explain(error)}\n`)
    if (process.env.SERVAL_DEBUG) console.error(error)
    return EXIT.BAD_INPUT
  }
}

/** One sentence with its code. */
function explain(error: unknown): string {
  if (error instanceof CommanderError) {
    const sentence = error.message.replace(/^error: /, '').replaceAll('\n', ' ')
    return new CliError('CLI_USAGE', `${sentence}; serval --help tells what there is`).message
  }
  if (!(error instanceof Error)) return explain(new Error(String(error)))
  const known = 'code' in error && error.message.startsWith(String(error.code))
  if (known) return error.message
  return `CLI_UNEXPECTED: ${error.message.split('\n')[0]}; this is a mistake in serval: set SERVAL_DEBUG=1 to see where, and report it`
}
