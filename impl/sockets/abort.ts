/** Abort signals that close servers and sockets. */
import { addAbortListener, type EventEmitter } from 'node:events'

/** Closes `closable` when the signal is aborted, or immediately if it already is. Stops listening to the signal on close. */
export function closeOnAbort(
  one: EventEmitter & { close(): unknown },
  signal: AbortSignal | undefined,
): void {
  if (signal === undefined) return
  const listening = addAbortListener(signal, () => one.close())
  one.once('close', () => listening[Symbol.dispose]())
}
