/** Handles Ctrl-C, SIGTERM of service managers, and SIGHUP of a closed terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * On the first Ctrl-C (or SIGTERM, or SIGHUP), `work` stops and reports its results so far. A second one ends the process.
 * `signals`: those that do this.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signals: readonly NodeJS.Signals[] = SIGNALS,
): Promise<T> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  for (const name of signals) process.once(name, stop)
  try {
    return await work(controller.signal)
  } finally {
    for (const name of signals) process.removeListener(name, stop)
  }
}
