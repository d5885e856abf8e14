/** Runs the command line; everything that is to be known of its end is the exit code. */
import { run } from './run.ts'

// Whoever reads only the beginning, such as `head`, is no error. Who carries bytes from a connection ends that first.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (process.stdout.listenerCount('error') > 1) return
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await run(process.argv.slice(2))
