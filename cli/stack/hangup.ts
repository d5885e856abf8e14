/** Reads files again on SIGHUP. */
import { explain } from '../explain.ts'
import { say } from './say.ts'

/**
 * Calls `read` on each SIGHUP until the signal, one call after the other, and reports what it resolves to. If it rejects, reports the
 * error, and that `before` go on. Returns a function that resolves when no call is in progress.
 */
export function onHangup(
  read: () => Promise<string>,
  before: string,
  signal: AbortSignal,
): () => Promise<void> {
  let last = Promise.resolve()
  const hear = (): void => {
    last = last
      .then(read)
      .then(say)
      .catch(error => say(`${explain(error)}; ${before} go on`, 'error'))
  }
  process.on('SIGHUP', hear)
  const stop = (): void => void process.off('SIGHUP', hear)
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop)
  return () => last
}
