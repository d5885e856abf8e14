/**
 * The rendezvous that a host believes when a packet claims to be relayed. A host registers with its rendezvous again and
 * again, so a host that has been silent towards all of them for a while has none.
 */
import { must } from '../../checker/text/at.ts'
import type { Observed } from './observed.ts'

/** Longer than a lease, of which a host renews each several times. */
const SILENCE_MS = 60_000

export class Relays {
  readonly #rendezvous = new Set<number>()
  #beganMs: number | undefined
  #nowMs = 0

  see({ timeMs, direction, to, isToRendezvous }: Observed): void {
    this.#beganMs ??= timeMs
    this.#nowMs = timeMs
    if (direction === 'out' && isToRendezvous) this.#rendezvous.add(to)
  }

  /** Returns undefined while the records do not show it yet. */
  believes(from: number): boolean | undefined {
    if (this.#rendezvous.size > 0) return this.#rendezvous.has(from)
    return this.#nowMs - must(this.#beganMs) > SILENCE_MS ? false : undefined
  }
}
