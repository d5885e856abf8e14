/** Reports unexpected errors that the host survives: by the stack's event `fault`, or as a warning of the process. */
import type { EventEmitter } from 'node:events'
import type { Host } from '../host/host.ts'

/** The most different warnings of one stack. A flood of packets must not become a flood of warnings. */
const WARNINGS_LIMIT = 16

/** Warns once of each error, unless there is a listener for `fault`. */
export function reportFaults(host: Host, emitter: EventEmitter): void {
  const warned = new Set<string>()
  host.onFault = cause => {
    if (emitter.emit('fault', cause)) return
    const text = String(cause)
    if (warned.has(text) || warned.size >= WARNINGS_LIMIT) return
    warned.add(text)
    process.emitWarning(`an unexpected error ended one packet or flow, and the rest goes on: ${text}`, {
      code: 'SAL_FAULT',
      detail: cause instanceof Error ? (cause.stack ?? '') : '',
    })
  }
}
