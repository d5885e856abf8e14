/**
 * How long to wait for the answer to a control packet: round-trip times estimated as in RFC 6298, doubled at every
 * retransmission, with Karn's rule that the answer to a retransmitted packet measures nothing.
 */

/** Before the first measurement (RFC 6298, 2.1). The prototype waits for 3 s, as in RFC 2988. */
export const RTO_INITIAL_MS = 1000
/** The same while other instances of the service may answer the SYN: a client asks the next one within a second. */
const RTO_SEEK_MS = 500
/** After so many instances without an answer, a client doubts its own network, and doubles its waits. */
const SEEK_TRIES = 4
/** The prototype's. RFC 6298, 2.4 recommends 1 s, which is long for a move; TCP stacks use 200 ms too. */
export const RTO_LEAST_MS = 200
/** The prototype's. RFC 6298, 2.5 requires at least 60 s. */
export const RTO_MOST_MS = 120_000
/** How often one packet is sent before the flow is given up, as in the prototype: 18 minutes without a measurement. */
export const TRIES_LIMIT = 15

/**
 * The most that chance adds to a wait before the first measurement: a half. Connects that begin together and lose their
 * SYNs in a full queue would otherwise repeat them together, and lose them again.
 */
const SPREAD = 0.5
/** Odd, with bits all over: successive multiples of it modulo 2 ** 32 lie far apart. */
const STRIDE = 0x9e3779b1

/** The resolution of the clock (G in RFC 6298, 2). */
const GRANULARITY_MS = 1
const ALPHA = 1 / 8
const BETA = 1 / 4

/**
 * The retransmission of one flow's outstanding control packet. Times in ms.
 *
 * A doubled timeout stays until the next measurement (RFC 6298, 5: Karn), even for an hour. A move starts over with
 * `restart`. The only other packet that may still leave on the old path is a FIN, for which `replaced` forgets the
 * timeouts of an ACK that nobody answers.
 */
export class Retransmission {
  /** The smoothed round trip in whole microseconds, -1 before the first measurement; and its variation. V8 allocates an object for a fraction. */
  #smoothedUs = -1
  #variationUs = 0
  /** Timeouts since the last measurement. */
  #doublings = 0
  /** When it was sent, if it was sent exactly once on this path. */
  #sentMs: number | undefined
  #tries = 0
  #isSeeking = false
  /** Undefined if no wait is random. */
  #chance: number | undefined

  /** `chance`: 32 random bits, from which the random waits before the first measurement follow. */
  constructor(chance?: number) {
    this.#chance = chance
  }

  /** How long to wait after the last transmission, before chance adds to it. */
  get timeoutMs(): number {
    const margin = Math.max(GRANULARITY_MS, (4 * this.#variationUs) / 1000)
    const { smoothedMs } = this
    const timeoutMs =
      smoothedMs < 0
        ? this.#isSeeking
          ? RTO_SEEK_MS
          : RTO_INITIAL_MS
        : Math.max(smoothedMs + margin, RTO_LEAST_MS)
    return Math.min(timeoutMs * 2 ** this.#doublings, RTO_MOST_MS)
  }

  /** How long to wait after the last transmission. */
  get waitMs(): number {
    const { timeoutMs } = this
    if (this.#chance === undefined) return timeoutMs
    const share = (Math.imul(this.#chance + this.#tries, STRIDE) >>> 0) / 2 ** 32
    return timeoutMs * (1 + SPREAD * share)
  }

  /** The smoothed round-trip time, or -1 before the first measurement. */
  get smoothedMs(): number {
    return this.#smoothedUs < 0 ? -1 : this.#smoothedUs / 1000
  }

  /** How often the outstanding packet was sent. */
  get tries(): number {
    return this.#tries
  }

  /** The first packet may go to several instances, one after the other. */
  seek(): void {
    this.#isSeeking = true
  }

  /** The packet leaves again, for another instance that may answer. */
  turned(): void {
    this.#sentMs = undefined
  }

  /** A packet leaves for the first time, and replaces any outstanding one. */
  sent(nowMs: number): void {
    this.#sentMs = nowMs
    this.#tries = 1
  }

  /**
   * The timeout has expired. Returns true to retransmit and wait for the new `timeoutMs`, or false after `triesLimit`
   * transmissions to give up.
   */
  expired(triesLimit: number = TRIES_LIMIT): boolean {
    this.#sentMs = undefined
    if (this.#tries >= triesLimit) return false
    this.#tries++
    const isEarly = this.#isSeeking && this.#tries <= SEEK_TRIES
    if (!isEarly && this.timeoutMs < RTO_MOST_MS) this.#doublings++
    return true
  }

  /** The outstanding packet is answered. A retransmitted packet measures nothing (Karn; RFC 6298, 3). */
  answered(nowMs: number): void {
    this.#tries = 0
    this.#isSeeking = false
    if (this.#sentMs === undefined) return
    const roundTripUs = 1000 * (nowMs - this.#sentMs)
    this.#sentMs = undefined
    this.#doublings = 0
    this.#chance = undefined
    // RFC 6298, 2.2 and 2.3.
    if (this.#smoothedUs < 0) {
      this.#smoothedUs = Math.round(roundTripUs)
      this.#variationUs = Math.round(roundTripUs / 2)
    } else {
      const difference = Math.abs(this.#smoothedUs - roundTripUs)
      this.#variationUs = Math.round((1 - BETA) * this.#variationUs + BETA * difference)
      this.#smoothedUs = Math.round((1 - ALPHA) * this.#smoothedUs + ALPHA * roundTripUs)
    }
  }

  /**
   * A FIN replaces an ACK that completes a move or the handshake. Only its first copy is answered, so neither the
   * timeouts of later copies nor the time until now tell anything about the path.
   */
  replaced(): void {
    this.#sentMs = undefined
    this.#tries = 0
    this.#doublings = 0
  }

  /**
   * The path may work again: forgets earlier timeouts. Returns false if there was none, so that the packet is not late.
   */
  retry(): boolean {
    if (this.#doublings === 0) return false
    this.#doublings = 0
    this.#tries = 1
    return true
  }

  /** The flow moves to a new path: unmeasured, unaffected by earlier packets, with all tries left. */
  restart(): void {
    this.replaced()
    this.#smoothedUs = -1
    this.#chance = undefined
  }
}
