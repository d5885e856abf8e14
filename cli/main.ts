/** Runs the command line. The exit code is the result. */
import { run } from './run.ts'

/** Errors of a closed reader, such as `head`, and of a closed terminal, which sends SIGHUP too. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO'])

// Ignores closed readers, so that `serval ... | head` exits quietly. A command that relays a connection ends that first.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (process.stdout.listenerCount('error') > 1) return
  if (!GONE.has(error.code)) throw error
  if (error.code === 'EPIPE') process.exit()
})

// Nobody reads standard error: the command continues, or SIGHUP ends it.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (!GONE.has(error.code)) throw error
})

process.exitCode = await run(process.argv.slice(2))
