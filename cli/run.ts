import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { EXIT } from './exit.ts'
import { codeOf, explain } from './explain.ts'
import { makeProgram } from './program.ts'
import { writeError } from './rim.ts'
import { say } from './stack/say.ts'

/** Failures of others: the usage was right. */
const NOT_THE_USE: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ECANCELED'],
  ...['ADMIN_GONE', 'ADMIN_BUSY', 'CONTROLLER_GONE', 'CLI_NOBODY'],
])

/** Runs one command and gives its exit code; nothing is thrown. */
export async function run(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.HOLDS
  try {
    const program = await makeProgram(
      code => {
        status = code
      },
      name => argv.includes(name),
    )
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync(argv, { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.HOLDS
    say(`serval: ${explain(error)}`, 'error')
    if (process.env.SERVAL_DEBUG) writeError(`${inspect(error)}\n`)
    return NOT_THE_USE.has(codeOf(error)) ? EXIT.VIOLATED : EXIT.BAD_INPUT
  }
}
