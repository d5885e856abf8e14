/**
 * How long to wait for the answer to a control packet: round-trip times estimated as in RFC 6298, doubled at every
 * repetition, with Karn's rule that an answer to what was repeated measures nothing.
 */

/** Before anything was measured (RFC 6298, 2.1). The prototype waits for 3 s, as RFC 2988 did. */
export const RTO_INITIAL_MS = 1000
/** The prototype's. RFC 6298, 2.4 asks for 1 s, which is long for a move; TCP stacks use 200 ms as well. */
export const RTO_LEAST_MS = 200
/** The prototype's; RFC 6298, 2.5 asks for 60 s at least. */
export const RTO_MOST_MS = 120_000
/** How often one packet is sent before the flow is given up, as in the prototype: 18 minutes if nothing was measured. */
export const TRIES_LIMIT = 15

/** The resolution of the clock (RFC 6298, 2: G). */
const GRANULARITY_MS = 1
const ALPHA = 1 / 8
const BETA = 1 / 4

/**
 * The retransmission of one flow's outstanding control packet. Times in ms.
 *
 * A timeout that was doubled stays so until something is measured (RFC 6298, 5: Karn), even if that is an hour later:
 * a move starts anew with `restart`, and what else may still be sent on the old path is a FIN.
 */
export class Retransmission {
  #smoothedMs = -1
  #variationMs = 0
  /** Timeouts since something was measured. */
  #doublings = 0
  /** When it was sent; NaN unless once, on this path. */
  #sentMs = Number.NaN
  #tries = 0

  /** How long to wait from the last sending on. */
  get timeoutMs(): number {
    const margin = Math.max(GRANULARITY_MS, 4 * this.#variationMs)
    const timeoutMs =
      this.#smoothedMs < 0 ? RTO_INITIAL_MS : Math.max(this.#smoothedMs + margin, RTO_LEAST_MS)
    return Math.min(timeoutMs * 2 ** this.#doublings, RTO_MOST_MS)
  }

  /** The smoothed round-trip time, or -1 before any was measured. */
  get smoothedMs(): number {
    return this.#smoothedMs
  }

  /** How often the outstanding packet was sent. */
  get tries(): number {
    return this.#tries
  }

  /** A packet leaves for the first time. It takes the place of any that is outstanding. */
  sent(nowMs: number): void {
    this.#sentMs = nowMs
    this.#tries = 1
  }

  /** The time is over: true, send again and wait for the new `timeoutMs`; false after `triesLimit` of them, give up. */
  expired(triesLimit: number = TRIES_LIMIT): boolean {
    this.#sentMs = Number.NaN
    if (this.#tries >= triesLimit) return false
    this.#tries++
    if (this.timeoutMs < RTO_MOST_MS) this.#doublings++
    return true
  }

  /** The outstanding packet is answered. What was sent more than once measures nothing (Karn; RFC 6298, 3). */
  answered(nowMs: number): void {
    if (!Number.isNaN(this.#sentMs)) this.#measure(nowMs - this.#sentMs)
    this.#sentMs = Number.NaN
    this.#tries = 0
  }

  /** Another path: nothing is known of it, nothing sent before measures it, and all tries are left. */
  restart(): void {
    this.#sentMs = Number.NaN
    this.#tries = 0
    this.#smoothedMs = -1
    this.#doublings = 0
  }

  /** RFC 6298, 2.2 and 2.3. */
  #measure(roundTripMs: number): void {
    if (this.#smoothedMs < 0) {
      this.#smoothedMs = roundTripMs
      this.#variationMs = roundTripMs / 2
    } else {
      const difference = Math.abs(this.#smoothedMs - roundTripMs)
      this.#variationMs = (1 - BETA) * this.#variationMs + BETA * difference
      this.#smoothedMs = (1 - ALPHA) * this.#smoothedMs + ALPHA * roundTripMs
    }
    this.#doublings = 0
  }
}
