/** Ctrl-C, what service managers send, and a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first Ctrl-C (or SIGTERM, or SIGHUP) asks `work` to stop and say what it knows; a second one ends the process at once. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  for (const name of SIGNALS) process.once(name, stop)
  try {
    return await work(controller.signal)
  } finally {
    for (const name of SIGNALS) process.removeListener(name, stop)
  }
}
