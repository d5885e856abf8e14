/**
 * Whom a host believes that a packet was relayed: its rendezvous alone, to which it says where it is, again and again. So
 * after a while who has said nothing to any has none.
 */
import { must } from '../../checker/text/at.ts'
import type { Observed } from './observed.ts'

/** Longer than a lease, of which a host renews each several times. */
const SILENCE_MS = 60_000

export class Places {
  readonly #rendezvous = new Set<number>()
  #beganMs: number | undefined
  #nowMs = 0

  see({ timeMs, direction, to, isToRendezvous }: Observed): void {
    this.#beganMs ??= timeMs
    this.#nowMs = timeMs
    if (direction === 'out' && isToRendezvous) this.#rendezvous.add(to)
  }

  /** Undefined: nobody can tell. */
  believes(from: number): boolean | undefined {
    if (this.#rendezvous.size > 0) return this.#rendezvous.has(from)
    return this.#nowMs - must(this.#beganMs) > SILENCE_MS ? false : undefined
  }
}
