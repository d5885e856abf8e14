/** Runs the command line. The exit code is the result. */
import { CliError } from './errors.ts'
import { EXIT } from './exit.ts'
import { run } from './run.ts'
import { say } from './stack/say.ts'

/** Errors of a closed reader, such as `head`, and of a closed terminal, which sends SIGHUP too. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO'])

// Ignores closed readers, so that `serval ... | head` exits quietly. A command that relays a connection ends that first.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (process.stdout.listenerCount('error') > 1) return
  if (error.code === 'EPIPE') process.exit()
  if (GONE.has(error.code)) return
  say(`serval: ${new CliError('CLI_WRITE', `standard output: ${error.message}`).message}`, 'error')
  process.exit(EXIT.BAD_INPUT)
})

// Nobody reads standard error, or its disk is full: the command goes on, or SIGHUP ends it.
process.stderr.on('error', () => {})

process.exitCode = await run(process.argv.slice(2))
