/** What is done about losses: when the window becomes smaller, what counts as lost, and when it is over. */
import type { Cubic } from './cubic.ts'
import { Reduction } from './reduction.ts'
import { LOST, REPEATED, SACKED, type Segments } from './segments.ts'
import { distance } from './serial.ts'
import type { Counters } from './statistics.ts'

/** Duplicate acknowledgments that mean a loss, of a peer without SACK (RFC 5681, 3.2). */
const DUPLICATES = 3

export const OPEN = 0
/** Losses were found by acknowledgments, and are repaired. */
export const RECOVERING = 1
/** A timeout passed. */
export const TIMED_OUT = 2

export class Recovery {
  state = OPEN
  /**
   * Whether an acknowledgment starts the retransmission timer anew. Of a peer without SACK only the first does in a
   * recovery, so that one with many losses ends in a timeout instead of repairing one in each round trip (RFC 6582, 4).
   */
  restartsTimer = true
  /** Recovery is over when this position is acknowledged. */
  #point = 0
  /** Bytes that left the network by the word of duplicate acknowledgments alone. */
  #assumed = 0
  #duplicates = 0
  /** What was not acknowledged at the last timeout. */
  #timedOutAt = -1
  /** To take it all back: window and threshold from before, and the time of the first repetition; -1: none yet. */
  #undoWindow = 0
  #undoThreshold = 0
  #undoEcho = -1
  #mayUndo = false
  #hasRepaired = false
  readonly #reduction = new Reduction()
  readonly #segments: Segments
  readonly #cubic: Cubic
  readonly #counters: Counters

  constructor(segments: Segments, cubic: Cubic, counters: Counters) {
    this.#segments = segments
    this.#cubic = cubic
    this.#counters = counters
  }

  /** What is thought to be under way. */
  get pipe(): number {
    return Math.max(0, this.#segments.pipe - this.#assumed)
  }

  /** What may be. */
  get window(): number {
    return this.state === RECOVERING ? this.#reduction.window : this.#cubic.window
  }

  /** Acknowledgments told of a loss (RFC 5681, 3.2). */
  enter(next: number, mss: number): void {
    if (this.state !== OPEN) return
    this.#counters.unusual.recoveries++
    this.#prepareUndo()
    this.state = RECOVERING
    this.#point = next
    this.#cubic.reduce()
    this.#reduction.begin(this.#segments.flight, this.#cubic.threshold, this.pipe, mss)
  }

  /** RFC 6298, 5.4 to 5.6; what is lost is marked by the caller. */
  timeOut(una: number, next: number): void {
    const isAgain = this.state === TIMED_OUT && una === this.#timedOutAt
    if (this.state === OPEN) this.#prepareUndo()
    if (!isAgain) this.#counters.unusual.recoveries++
    this.#cubic.collapse(isAgain)
    this.#timedOutAt = una
    this.state = TIMED_OUT
    this.restartsTimer = true
    this.#hasRepaired = false
    this.#point = next
    this.#assumed = 0
    this.#duplicates = 0
  }

  /** A probe repaired a loss before anyone else saw it (RFC 8985, 7.4.2). */
  repaired(): void {
    if (this.state !== OPEN) return
    this.#counters.unusual.recoveries++
    this.#cubic.reduce()
  }

  /** A segment left, `echo` in its timestamp. */
  sent(bytes: number, isRepeated: boolean, echo: number): void {
    if (this.state === RECOVERING) this.#reduction.sent(bytes)
    if (isRepeated && this.#mayUndo && this.#undoEcho < 0) this.#undoEcho = echo
  }

  /**
   * The first unacknowledged position moved to `una`; the peer echoed `echo` (-1: it has no timestamps). True when
   * recovery is over. `assumed`: so much of what duplicates told of is acknowledged now (RFC 6582, 3.2, step 3).
   */
  advance(una: number, assumed: number, echo: number, hasSack: boolean): boolean {
    this.#duplicates = 0
    this.#assumed = this.state === RECOVERING ? Math.max(0, this.#assumed - Math.max(0, assumed)) : 0
    if (this.state === OPEN) return false
    if (this.#isSpurious(echo)) {
      this.#undo()
      return true
    }
    if (una < this.#point) {
      if (this.state === RECOVERING && !hasSack) this.#repairNext()
      return false
    }
    if (this.state === RECOVERING) this.#cubic.window = this.#cubic.threshold
    this.#end()
    return true
  }

  /** `bytes` arrived, of which we heard now. */
  deliver(bytes: number, isSafe: boolean, mss: number): void {
    if (this.state === RECOVERING) this.#reduction.deliver(bytes, this.pipe, isSafe, mss)
  }

  /** RFC 5681, 3.2 and RFC 6582: a duplicate acknowledgment of a peer without SACK. */
  duplicate(una: number, next: number, mss: number): void {
    // What was repeated needlessly after a timeout is answered with duplicates as well (RFC 6582, 3.2, step 2).
    if (this.state === OPEN && una <= this.#point) return
    this.#assumed = Math.min(this.#assumed + mss, this.#segments.pipe)
    if (this.state === OPEN && ++this.#duplicates >= DUPLICATES) {
      this.#loseFirst()
      this.enter(next, mss)
    } else this.deliver(mss, false, mss)
  }

  /** Another path: no losses are known of it, and what is before `next` leaves again. */
  restart(next: number): void {
    this.#end()
    this.#point = next
    this.#duplicates = 0
  }

  #end(): void {
    this.state = OPEN
    this.restartsTimer = true
    this.#hasRepaired = false
    this.#assumed = 0
    this.#mayUndo = false
  }

  #prepareUndo(): void {
    this.#mayUndo = true
    this.#undoEcho = -1
    this.#undoWindow = this.#cubic.window
    this.#undoThreshold = this.#cubic.threshold
  }

  /** Eifel (RFC 3522): the first to be acknowledged echoes a time before anything was repeated, so nothing was lost. */
  #isSpurious(echo: number): boolean {
    if (!this.#mayUndo || this.#undoEcho < 0) return false
    this.#mayUndo = false
    return echo >= 0 && distance(this.#undoEcho, echo) < 0
  }

  /** RFC 4015, without its changes to the timeout: a timestamp gives the next sample. */
  #undo(): void {
    this.#counters.unusual.spuriousRecoveries++
    this.#cubic.undo(this.#undoWindow, this.#undoThreshold)
    this.#segments.findAll()
    this.#end()
  }

  /** RFC 6582, 3.2, step 3: what is acknowledged shows that the next is missing too. */
  #repairNext(): void {
    this.restartsTimer = !this.#hasRepaired
    this.#hasRepaired = true
    this.#loseFirst()
  }

  /** RFC 6582, 3.2: the first that is not acknowledged. */
  #loseFirst(): void {
    const segments = this.#segments
    if (segments.count === 0) return
    const place = segments.head & segments.mask
    if (!(segments.flags[place]! & (SACKED | LOST | REPEATED))) segments.lose(place)
  }
}
