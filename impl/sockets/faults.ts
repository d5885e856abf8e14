/**
 * The boundary around outside input: one line, record or connection. An exception there that no code expects is a mistake
 * of the program. It closes at most that line, record or connection; it is counted, and each is reported once.
 */
import { printable } from '../../checker/text/printable.ts'

/** Different faults that are reported. More of them say nothing new. */
const REPORTED_LIMIT = 16

export class Faults {
  /** All, those included that were reported before. */
  count = 0
  readonly #reported = new Set<string>()

  /** Counts a fault. Reports the place and the cause as a warning of the process (SERVAL_FAULT) when it is a new one. */
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
