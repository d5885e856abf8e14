/** The congestion window: slow start (RFC 5681, 3.1) and CUBIC (RFC 9438). In bytes and ms. */
import { BETA, Curve } from './curve.ts'
import { INITIAL_SEGMENTS } from './limits.ts'

/** The lowest threshold, in segments (RFC 5681, equation 4). */
const LEAST_SEGMENTS = 2

export class Cubic {
  /** How many bytes may be in flight. */
  window: number
  /** The share of CUBIC's growth for this flow, if other flows of the same stream use the rest. */
  share = 1
  #mss: number
  /** Undefined if infinite: V8 allocates an object for infinity. */
  #threshold: number | undefined
  /** Undefined until slow start ends for the first time. */
  #curve: Curve | undefined

  constructor(mss: number) {
    this.#mss = mss
    this.window = INITIAL_SEGMENTS * mss
  }

  /** Below it growth is slow start's, above it CUBIC's. */
  get threshold(): number {
    return this.#threshold ?? Number.POSITIVE_INFINITY
  }

  set threshold(bytes: number) {
    this.#threshold = bytes < Number.POSITIVE_INFINITY ? bytes : undefined
  }

  get isSlowStart(): boolean {
    return this.window < this.threshold
  }

  /** Sets the size of a full segment. */
  resize(mss: number): void {
    if (mss === this.#mss) return
    if (this.threshold === Number.POSITIVE_INFINITY && this.window === INITIAL_SEGMENTS * this.#mss)
      this.window = INITIAL_SEGMENTS * mss
    this.#mss = mss
  }

  /** `bytes` were acknowledged while the window was fully used. `growth` is the share of slow start's pace, at most 1. */
  grow(bytes: number, nowMs: number, roundTripMs: number, growth: number): void {
    let rest = bytes
    if (this.window < this.threshold) {
      const step = Math.min(rest * growth, this.threshold - this.window)
      this.window += step
      rest -= step / growth
      if (rest <= 0 || this.window < this.threshold) return
    }
    this.#curve ??= new Curve()
    const { share } = this
    const grown = this.#curve.grown(this.window / this.#mss, rest / this.#mss, nowMs, roundTripMs, share)
    this.window = Math.max(this.window, grown * this.#mss)
  }

  /** Segments were lost (RFC 9438, 4.6 and 4.7). Call once for each recovery. */
  reduce(): void {
    this.collapse(false)
    this.window = this.threshold
  }

  /**
   * The retransmission timer expired (RFC 9438, 4.8): one segment may leave. `isAgain`: it is for the same segment as
   * the last timeout (RFC 5681, 3.1).
   */
  collapse(isAgain: boolean): void {
    if (!isAgain) {
      this.#curve ??= new Curve()
      this.#curve.remember(this.window / this.#mss)
      this.threshold = Math.max(this.window * BETA, LEAST_SEGMENTS * this.#mss)
    }
    this.window = this.#mss
  }

  /** Ends slow start without a loss (RFC 9406). */
  leaveSlowStart(): void {
    this.threshold = this.window
    this.#curve?.end()
  }

  /** Restores the window from before a loss that proved spurious (RFC 4015). */
  undo(window: number, threshold: number): void {
    this.window = Math.max(this.window, window)
    this.threshold = Math.max(this.threshold, threshold)
    this.#curve?.forgive(this.window / this.#mss)
  }

  /** Nothing was sent for `idleMs`. After more than one timeout, slow start begins again (RFC 5681, 4.1). */
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

  /** The flow has moved to a new path. */
  restart(): void {
    this.window = INITIAL_SEGMENTS * this.#mss
    this.threshold = Number.POSITIVE_INFINITY
    this.#curve = undefined
  }
}
