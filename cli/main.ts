/** Runs the command line; everything that is to be known of its end is the exit code. */
import { run } from './run.ts'

/** The reader has gone, such as `head`; or the terminal has, which SIGHUP tells too. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO'])

// Ignores readers that are gone, so that `serval ... | head` exits quietly. A command that relays a connection ends that first.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (process.stdout.listenerCount('error') > 1) return
  if (!GONE.has(error.code)) throw error
  if (error.code === 'EPIPE') process.exit()
})

// Nobody reads what commands tell people: they go on, or end as SIGHUP says.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (!GONE.has(error.code)) throw error
})

process.exitCode = await run(process.argv.slice(2))
