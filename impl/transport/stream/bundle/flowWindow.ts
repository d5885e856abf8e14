/**
 * The receive window of one flow of several. Its positions are limited only by what a peer may have in flight; what it
 * offers is the window of the data, relative to the data acknowledgment.
 */
import type { Inbound } from '../inbound.ts'
import { MOST_FLIGHT } from '../limits.ts'
import type { Window } from '../receiveWindow.ts'
import type { Landing } from './landing.ts'

export class FlowWindow implements Window {
  readonly #landing: Landing
  readonly #data: Inbound
  /** True while round trips of this flow count: they are the longest of all flows, so they decide how much is on its way. */
  readonly #counts: () => boolean

  constructor(landing: Landing, data: Inbound, counts: () => boolean) {
    this.#landing = landing
    this.#data = data
    this.#counts = counts
  }

  get edge(): number {
    return this.#landing.next + MOST_FLIGHT
  }

  get limit(): number {
    return MOST_FLIGHT
  }

  offer(): number {
    const { window, buffer, next, mss } = this.#data
    return window.offer(buffer.readAt, next, mss)
  }

  cap(): void {
    // A field of 16 bits limits what this flow tells, not the window.
  }

  isWorthTelling(readAt: number, next: number, mss: number): boolean {
    return this.#data.window.isWorthTelling(readAt, next, mss)
  }

  measure(readAt: number, nowMs: number): void {
    this.#data.window.measure(readAt, nowMs)
  }

  sample(roundTripMs: number): void {
    if (this.#counts()) this.#data.window.sample(roundTripMs)
  }

  restart(): void {
    this.#data.window.restart()
  }
}
