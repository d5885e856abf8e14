/** How the window grows outside of slow start (RFC 9438, 4.2 to 4.7). In segments; made when slow start is left. */

/** RFC 9438, 4.6: what is left after a loss. */
export const BETA = 0.7
/** RFC 9438, 5: how fast the window grows, in segments per cubic second. */
const C = 0.4
/** RFC 9438, 4.3: grows like Reno's window would, in segments per round trip. */
const RENO_ALPHA = (3 * (1 - BETA)) / (1 + BETA)
/** RFC 9438, 4.2: the window of one round trip later, compared with now's. */
const MOST_GROWTH = 1.5

export class Curve {
  /** The window before the last loss, the one that the epoch began with, and Reno's estimate. */
  #most = 0
  #reno = 0
  #prior = 0
  /** Seconds from the beginning of the epoch until the window is `most` again. */
  #returnS = 0
  /** When this stage of growth began; -1 outside of one. */
  #epochAtMs = -1

  /** RFC 9438, 4.7: a loss. A flow that lost before it was back where it had been leaves room for others. */
  remember(segments: number): void {
    this.#prior = segments
    this.#most = segments < this.#most ? (segments * (1 + BETA)) / 2 : segments
    this.#epochAtMs = -1
  }

  /** The last loss was none: growth begins anew at this window. */
  forgive(segments: number): void {
    this.#most = segments
    this.#epochAtMs = -1
  }

  /** Growth begins anew. */
  end(): void {
    this.#epochAtMs = -1
  }

  /** Nothing was sent for so long. */
  rest(idleMs: number): void {
    if (this.#epochAtMs >= 0) this.#epochAtMs += idleMs
  }

  /** RFC 9438, 4.2 to 4.5: the window after so many segments were acknowledged; it may be less than now's. */
  grown(segments: number, acknowledged: number, nowMs: number, roundTripMs: number): number {
    if (this.#epochAtMs < 0) this.#begin(segments, nowMs)
    const sinceS = (nowMs - this.#epochAtMs) / 1000
    const alpha = this.#reno >= this.#prior ? 1 : RENO_ALPHA
    this.#reno += (alpha * acknowledged) / segments
    const target = this.#at(sinceS + roundTripMs / 1000)
    const aim = Math.min(Math.max(target, segments), MOST_GROWTH * segments)
    return this.#at(sinceS) < this.#reno
      ? this.#reno
      : segments + ((aim - segments) / segments) * acknowledged
  }

  #begin(segments: number, nowMs: number): void {
    this.#epochAtMs = nowMs
    this.#reno = segments
    if (segments >= this.#most) {
      this.#most = segments
      this.#returnS = 0
    } else this.#returnS = Math.cbrt((this.#most - segments) / C)
  }

  #at(seconds: number): number {
    const t = seconds - this.#returnS
    return C * t * t * t + this.#most
  }
}
