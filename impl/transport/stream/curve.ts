/** How the window grows outside of slow start (RFC 9438, 4.2 to 4.7), in segments. Created when slow start ends. */

/** The share of the window that remains after a loss (RFC 9438, 4.6). */
export const BETA = 0.7
/** How fast the window grows, in segments per cubic second (RFC 9438, 5). */
const C = 0.4
/** Growth equivalent to Reno's, in segments per round trip (RFC 9438, 4.3). */
const RENO_ALPHA = (3 * (1 - BETA)) / (1 + BETA)
/** The largest target one round trip ahead, relative to the current window (RFC 9438, 4.2). */
const MOST_GROWTH = 1.5

export class Curve {
  /** The window before the last loss, the window at the beginning of the epoch, and Reno's estimate. */
  #most = 0
  #reno = 0
  #prior = 0
  /** Seconds from the beginning of the epoch until the window reaches `most` again. */
  #returnS = 0
  /** How fast the window grows in this epoch, in segments per cubic second. */
  #speed = C
  /** When this epoch began; -1 outside of one. */
  #epochAtMs = -1

  /** Records a loss (RFC 9438, 4.7). A flow that loses before it has regained its old window leaves room for others. */
  remember(segments: number): void {
    this.#prior = segments
    this.#most = segments < this.#most ? (segments * (1 + BETA)) / 2 : segments
    this.#epochAtMs = -1
  }

  /** The last loss was spurious: growth begins again at this window. */
  forgive(segments: number): void {
    this.#most = segments
    this.#epochAtMs = -1
  }

  /** Ends the epoch; growth begins again. */
  end(): void {
    this.#epochAtMs = -1
  }

  /** Nothing was sent for `idleMs`. */
  rest(idleMs: number): void {
    if (this.#epochAtMs >= 0) this.#epochAtMs += idleMs
  }

  /**
   * Returns the window after `acknowledged` segments (RFC 9438, 4.2 to 4.5). It may be below the current one. `share`: how fast it
   * grows; 1 for a flow that has its path for itself.
   */
  grown(segments: number, acknowledged: number, nowMs: number, roundTripMs: number, share: number): number {
    if (this.#epochAtMs < 0) this.#begin(segments, nowMs, share)
    const sinceS = (nowMs - this.#epochAtMs) / 1000
    const alpha = this.#reno >= this.#prior ? 1 : RENO_ALPHA
    this.#reno += (alpha * share * acknowledged) / segments
    const target = this.#at(sinceS + roundTripMs / 1000)
    const aim = Math.min(Math.max(target, segments), MOST_GROWTH * segments)
    return this.#at(sinceS) < this.#reno
      ? this.#reno
      : segments + ((aim - segments) / segments) * acknowledged
  }

  #begin(segments: number, nowMs: number, share: number): void {
    this.#epochAtMs = nowMs
    this.#speed = C * share
    this.#reno = segments
    if (segments >= this.#most) {
      this.#most = segments
      this.#returnS = 0
    } else this.#returnS = Math.cbrt((this.#most - segments) / this.#speed)
  }

  #at(seconds: number): number {
    const t = seconds - this.#returnS
    return this.#speed * t * t * t + this.#most
  }
}
