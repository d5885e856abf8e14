/** The congestion window: slow start (RFC 5681, 3.1) and CUBIC (RFC 9438). Bytes and ms. */
import { BETA, Curve } from './curve.ts'
import { INITIAL_SEGMENTS } from './limits.ts'

/** The least threshold, in segments (RFC 5681, equation 4). */
const LEAST_SEGMENTS = 2

export class Cubic {
  /** What may be in flight. */
  window: number
  /** Above it growth is CUBIC's. */
  threshold = Number.POSITIVE_INFINITY
  #mss: number
  /** Undefined while slow start was never left. */
  #curve: Curve | undefined

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
    this.#curve ??= new Curve()
    const grown = this.#curve.grown(this.window / this.#mss, rest / this.#mss, nowMs, roundTripMs)
    this.window = Math.max(this.window, grown * this.#mss)
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
    this.#curve?.end()
  }

  /** Nothing was lost after all (RFC 4015): the window from before. */
  undo(window: number, threshold: number): void {
    this.window = Math.max(this.window, window)
    this.threshold = Math.max(this.threshold, threshold)
    this.#curve?.forgive(this.window / this.#mss)
  }

  /** Nothing was sent for `idleMs`. RFC 5681, 4.1: longer than a timeout, the window is tried out anew. */
  rest(idleMs: number, timeoutMs: number): void {
    this.#curve?.rest(idleMs)
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
    this.#curve = undefined
  }

  /** A loss, at this window. */
  #remember(): void {
    this.#curve ??= new Curve()
    this.#curve.remember(this.window / this.#mss)
  }
}
