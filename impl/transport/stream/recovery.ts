/** What is done about losses: when the window becomes smaller, what counts as lost, and when it is over. */
import type { Cubic } from './cubic.ts'
import { Reduction } from './reduction.ts'
import { LOST, REPEATED, SACKED, type Segments } from './segments.ts'
import { distance } from './serial.ts'
import type { Counters } from './statistics.ts'
import type { TailProbe } from './tailProbe.ts'

/** Duplicate acknowledgments that mean a loss, of a peer without SACK (RFC 5681, 3.2). */
const DUPLICATES = 3

export const OPEN = 0
/** Losses were found by acknowledgments, and are repaired. */
export const RECOVERING = 1
/** A timeout passed. */
export const TIMED_OUT = 2

/** Stages of F-RTO: it is not used; the first acknowledgment since the timeout is awaited; the next is. */
const NO_DOUBT = 0
const FIRST_ANSWER = 1
const SECOND_ANSWER = 2
/** Segments that are sent between them (RFC 5682, 2.1, step 2). */
const NEW_SEGMENTS = 2

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
  /** What was repeated since, and is not known to have come twice; where it lies; and when no word of it comes any more. */
  #repeatedBytes = 0
  #undoFrom = 0
  #undoUntil = 0
  /** What F-RTO waits for (RFC 5682), and how many new segments it may still send. */
  #doubt = NO_DOUBT
  #newLeft = 0
  #hasRepaired = false
  readonly #reduction = new Reduction()
  readonly #segments: Segments
  readonly #cubic: Cubic
  readonly #counters: Counters
  readonly #tail: TailProbe

  constructor(segments: Segments, cubic: Cubic, counters: Counters, tail: TailProbe) {
    this.#segments = segments
    this.#cubic = cubic
    this.#counters = counters
    this.#tail = tail
  }

  /** What is thought to be under way. */
  get pipe(): number {
    return Math.max(0, this.#segments.pipe - this.#assumed)
  }

  /** What may be. */
  get window(): number {
    return this.state === RECOVERING ? this.#reduction.window : this.#cubic.window
  }

  /** No losses are being repaired, and nothing can show any more that the last ones were none. */
  get isOver(): boolean {
    return this.state === OPEN && !this.#mayUndo
  }

  /** The timeout may have been in vain: nothing more is repeated until the next answer. */
  get isDoubting(): boolean {
    return this.#doubt === SECOND_ANSWER
  }

  /** One more new segment may leave meanwhile. */
  get mayTryNew(): boolean {
    return this.#newLeft > 0
  }

  triedNew(): void {
    this.#newLeft--
  }

  /** The timeout was right, as far as can be known. */
  believe(): void {
    this.#doubt = NO_DOUBT
  }

  /** Acknowledgments told of a loss (RFC 5681, 3.2). */
  enter(una: number, next: number, mss: number): void {
    if (this.state !== OPEN) return
    this.#counters.unusual.recoveries++
    this.#prepareUndo(una)
    this.state = RECOVERING
    this.#point = next
    this.#cubic.reduce()
    this.#reduction.begin(this.#segments.flight, this.#cubic.threshold, this.pipe, mss)
  }

  /** RFC 6298, 5.4 to 5.6; what is lost is marked by the caller. */
  timeOut(una: number, next: number): void {
    const isAgain = this.state === TIMED_OUT && una === this.#timedOutAt
    // RFC 5682, 2.1, step 1: not within the recovery from another timeout.
    this.#doubt = this.state === TIMED_OUT ? NO_DOUBT : FIRST_ANSWER
    if (this.state === OPEN) this.#prepareUndo(una)
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
    if (!isRepeated) return
    if (this.state !== OPEN) this.#repeatedBytes += bytes
    if (this.#mayUndo && this.#undoEcho < 0) this.#undoEcho = echo
  }

  /**
   * The first unacknowledged position moved to `una`; the peer echoed `echo` (-1: it has no timestamps). True when
   * recovery is over. `assumed`: so much of what duplicates told of is acknowledged now (RFC 6582, 3.2, step 3).
   */
  advance(una: number, next: number, assumed: number, echo: number, hasSack: boolean): boolean {
    this.#duplicates = 0
    this.#assumed = this.state === RECOVERING ? Math.max(0, this.#assumed - Math.max(0, assumed)) : 0
    if (this.state === OPEN) {
      if (una > this.#undoUntil) this.#mayUndo = false
      return false
    }
    if (this.#isSpurious(echo) || this.#doubt === SECOND_ANSWER) {
      this.#undo()
      return true
    }
    if (una < this.#point) {
      if (this.#doubt === FIRST_ANSWER) this.#awaitSecond(echo)
      if (this.state === RECOVERING && !hasSack) this.#repairNext()
      return false
    }
    if (this.state === RECOVERING) this.#cubic.window = this.#cubic.threshold
    this.#undoUntil = next
    this.#end()
    return true
  }

  /**
   * The peer says that [from, to) came twice. When all that was repeated did, nothing was lost (RFC 3708). True when a
   * recovery is over by that.
   */
  reported(from: number, to: number): boolean {
    if (!this.#mayUndo || this.#repeatedBytes === 0 || from < this.#undoFrom || to > this.#point) return false
    this.#repeatedBytes -= to - from
    if (this.#repeatedBytes > 0) return false
    this.#undo()
    return true
  }

  /** An acknowledgment brought nothing in order: after a timeout, that shows a loss (RFC 5682, 2.1, steps 2 and 3). */
  stood(): void {
    this.#doubt = NO_DOUBT
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
      this.enter(una, next, mss)
    } else this.deliver(mss, false, mss)
  }

  /** Another path: no losses are known of it, and what is before `next` leaves again. */
  restart(next: number): void {
    this.#end()
    this.#mayUndo = false
    this.#point = next
    this.#duplicates = 0
  }

  #end(): void {
    this.state = OPEN
    this.restartsTimer = true
    this.#hasRepaired = false
    this.#assumed = 0
    this.#doubt = NO_DOUBT
  }

  #awaitSecond(echo: number): void {
    // A timestamp has told already that something was lost.
    this.#doubt = echo < 0 ? SECOND_ANSWER : NO_DOUBT
    this.#newLeft = NEW_SEGMENTS
  }

  #prepareUndo(una: number): void {
    this.#mayUndo = true
    this.#undoEcho = -1
    this.#undoFrom = una
    // A probe before the recovery may be reported as a duplicate too, and says nothing about what is repeated now.
    this.#repeatedBytes = this.#tail.repeatedBytes
    this.#undoWindow = this.#cubic.window
    this.#undoThreshold = this.#cubic.threshold
  }

  /** Eifel (RFC 3522): the first to be acknowledged echoes a time before anything was repeated, so nothing was lost. */
  #isSpurious(echo: number): boolean {
    if (!this.#mayUndo || this.#undoEcho < 0 || echo < 0) return false
    this.#mayUndo = false
    return distance(this.#undoEcho, echo) < 0
  }

  /** RFC 4015, without its changes to the timeout: a timestamp gives the next sample. */
  #undo(): void {
    this.#counters.unusual.spuriousRecoveries++
    this.#cubic.undo(this.#undoWindow, this.#undoThreshold)
    this.#segments.findAll()
    this.#mayUndo = false
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
    if (!((segments.flags[place] as number) & (SACKED | LOST | REPEATED))) segments.lose(place)
  }
}
