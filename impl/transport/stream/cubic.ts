/** The congestion window: slow start (RFC 5681, 3.1) and CUBIC (RFC 9438). Bytes and ms. */
import { INITIAL_SEGMENTS } from './limits.ts'

/** RFC 9438, 4.6: what is left after a loss. */
const BETA = 0.7
/** RFC 9438, 5: how fast the window grows, in segments per cubic second. */
const C = 0.4
/** RFC 9438, 4.3: grows like Reno's window would, in segments per round trip. */
const RENO_ALPHA = (3 * (1 - BETA)) / (1 + BETA)
/** RFC 9438, 4.2: the window of one round trip later, compared with now's. */
const MOST_GROWTH = 1.5
/** The least threshold, in segments (RFC 5681, equation 4). */
const LEAST_SEGMENTS = 2

export class Cubic {
  /** What may be in flight. */
  window: number
  /** Above it growth is CUBIC's. */
  threshold = Number.POSITIVE_INFINITY
  #mss: number
  /** Segments: the window before the last loss, the one that the epoch began with, and Reno's estimate. */
  #most = 0
  #reno = 0
  #prior = 0
  /** Seconds from the beginning of the epoch until the window is `most` again. */
  #returnS = 0
  /** When this stage of growth began; -1 outside of one. */
  #epochAtMs = -1

  constructor(mss: number) {
    this.#mss = mss
    this.window = INITIAL_SEGMENTS * mss
  }

  get isSlowStart(): boolean {
    return this.window < this.threshold
  }

  /** The size of a full segment is known, or another. */
  resize(mss: number): void {
    if (mss === this.#mss) return
    if (this.threshold === Number.POSITIVE_INFINITY && this.window === INITIAL_SEGMENTS * this.#mss)
      this.window = INITIAL_SEGMENTS * mss
    this.#mss = mss
  }

  /** `bytes` are acknowledged while the window was in full use. `growth` is the share of slow start's pace, 1 or less. */
  grow(bytes: number, nowMs: number, roundTripMs: number, growth: number): void {
    let rest = bytes
    if (this.window < this.threshold) {
      const step = Math.min(rest * growth, this.threshold - this.window)
      this.window += step
      rest -= step / growth
      if (rest <= 0 || this.window < this.threshold) return
    }
    this.#avoid(rest / this.#mss, nowMs, roundTripMs)
  }

  /** RFC 9438, 4.6 and 4.7: segments were lost. Once for each round of recovery. */
  reduce(): void {
    this.#remember()
    this.threshold = Math.max(this.window * BETA, LEAST_SEGMENTS * this.#mss)
    this.window = this.threshold
  }

  /** RFC 9438, 4.8: a timeout passed; one segment leaves. `isAgain`: of the same segment (RFC 5681, 3.1). */
  collapse(isAgain: boolean): void {
    if (!isAgain) {
      this.#remember()
      this.threshold = Math.max(this.window * BETA, LEAST_SEGMENTS * this.#mss)
    }
    this.window = this.#mss
  }

  /** Slow start ends here without a loss (RFC 9406). */
  leaveSlowStart(): void {
    this.threshold = this.window
    this.#epochAtMs = -1
  }

  /** Nothing was lost after all (RFC 4015): the window from before. */
  undo(window: number, threshold: number): void {
    this.window = Math.max(this.window, window)
    this.threshold = Math.max(this.threshold, threshold)
    this.#most = this.window / this.#mss
    this.#epochAtMs = -1
  }

  /** Nothing was sent for `idleMs`. RFC 5681, 4.1: longer than a timeout, the window is tried out anew. */
  rest(idleMs: number, timeoutMs: number): void {
    if (this.#epochAtMs >= 0) this.#epochAtMs += idleMs
    if (idleMs > timeoutMs) {
      const initial = INITIAL_SEGMENTS * this.#mss
      if (this.window > initial) {
        this.threshold = Math.max(
          this.threshold === Number.POSITIVE_INFINITY ? 0 : this.threshold,
          this.window * 0.75,
        )
        this.window = initial
      }
    }
  }

  /** Another path. */
  restart(): void {
    this.window = INITIAL_SEGMENTS * this.#mss
    this.threshold = Number.POSITIVE_INFINITY
    this.#most = 0
    this.#epochAtMs = -1
  }

  /** RFC 9438, 4.7: a flow that lost before it was back where it had been leaves room for others. */
  #remember(): void {
    const segments = this.window / this.#mss
    this.#prior = segments
    this.#most = segments < this.#most ? (segments * (1 + BETA)) / 2 : segments
    this.#epochAtMs = -1
  }

  /** RFC 9438, 4.2 to 4.5. */
  #avoid(acknowledged: number, nowMs: number, roundTripMs: number): void {
    const segments = this.window / this.#mss
    if (this.#epochAtMs < 0) this.#begin(segments, nowMs)
    const sinceS = (nowMs - this.#epochAtMs) / 1000
    const alpha = this.#reno >= this.#prior ? 1 : RENO_ALPHA
    this.#reno += (alpha * acknowledged) / segments
    const target = this.#at(sinceS + roundTripMs / 1000)
    const aim = Math.min(Math.max(target, segments), MOST_GROWTH * segments)
    const grown =
      this.#at(sinceS) < this.#reno ? this.#reno : segments + ((aim - segments) / segments) * acknowledged
    this.window = Math.max(this.window, grown * this.#mss)
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
