/**
 * The boundary around outside input: one line, record or connection. An unexpected exception there is a bug in the
 * program. It costs at most that line, record or connection; each is counted, and each different one is reported once.
 */

import type { EventEmitter } from 'node:events'
import { printable } from '../../checker/text/printable.ts'
import type { Host } from '../host/host.ts'

/** The most different faults that are reported. More would add nothing. */
const REPORTED_LIMIT = 16

export class Faults {
  /** All faults, including those not reported again. */
  count = 0
  readonly #reported = new Set<string>()

  /** Counts a fault. Reports a new one, with place and cause, as a warning of the process (SERVAL_FAULT). */
  note(where: string, cause: unknown): void {
    this.count++
    const stack = cause instanceof Error ? (cause.stack ?? String(cause)) : typeof cause
    const [message = '', place = ''] = stack.split('\n').map(line => printable(line))
    const fault = `${where}: ${message}`
    if (this.#reported.size >= REPORTED_LIMIT || this.#reported.has(fault + place)) return
    this.#reported.add(fault + place)
    process.emitWarning(`${fault}${place}; this is a mistake in serval: report it`, { code: 'SERVAL_FAULT' })
  }
}

/** The most different warnings of one stack. A flood of packets must not become a flood of warnings. */
const WARNINGS_LIMIT = 16

/** Reports errors that the host survives: to listeners for the stack's event `fault`, or once each as a warning of the process. */
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
