/** The connections that a command serves, and how they end when the command stops. */
import { once } from 'node:events'

/** An hour. */
export const MOST_DRAIN_MS = 3_600_000

export class Connections {
  readonly #ending = new AbortController()
  readonly #settled = new EventTarget()
  #open = 0

  get hasEnded(): boolean {
    return this.#ending.signal.aborted
  }

  /** Runs the work of one connection, whose signal ends it. */
  async during(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#open++
    try {
      await work(this.#ending.signal)
    } finally {
      this.#open--
      if (this.#open === 0) this.#settled.dispatchEvent(new Event('settled'))
    }
  }

  /** Waits until all connections are over, at most `drainMs`, and then ends the rest. */
  async end(drainMs: number): Promise<void> {
    if (this.#open > 0 && drainMs > 0 && !this.hasEnded)
      await once(this.#settled, 'settled', { signal: AbortSignal.timeout(drainMs) }).catch(() => {})
    this.#ending.abort()
  }
}
