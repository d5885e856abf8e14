/** Signals that end what listens. */
import { addAbortListener, type EventEmitter } from 'node:events'

/** Closes it when the signal is aborted, or at once if it is already; the signal is let go when it has closed. */
export function closeOnAbort(
  one: EventEmitter & { close(): unknown },
  signal: AbortSignal | undefined,
): void {
  if (signal === undefined) return
  const listening = addAbortListener(signal, () => one.close())
  one.once('close', () => listening[Symbol.dispose]())
}
