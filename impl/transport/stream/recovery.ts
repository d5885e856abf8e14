/** Loss recovery: when the window shrinks, what counts as lost, and when recovery ends. */
import type { Cubic } from './cubic.ts'
import { Reduction } from './reduction.ts'
import { LOST, REPEATED, SACKED, type Segments } from './segments.ts'
import { distance } from './serial.ts'
import type { Counters } from './statistics.ts'
import type { TailProbe } from './tailProbe.ts'

/** Without SACK, this many duplicate acknowledgments mean a loss (RFC 5681, 3.2). */
const DUPLICATES = 3

export const OPEN = 0
/** Acknowledgments revealed losses, which are being repaired. */
export const RECOVERING = 1
/** The retransmission timer expired. */
export const TIMED_OUT = 2

/** Stages of F-RTO: inactive; awaiting the first acknowledgment after the timeout; awaiting the second. */
const NO_DOUBT = 0
const FIRST_ANSWER = 1
const SECOND_ANSWER = 2
/** New segments sent between the two (RFC 5682, 2.1, step 2). */
const NEW_SEGMENTS = 2

export class Recovery {
  state = OPEN
  /**
   * Whether an acknowledgment restarts the retransmission timer. Without SACK only the first one in a recovery does: a
   * recovery with many losses then ends in a timeout instead of repairing one loss per round trip (RFC 6582, 4).
   */
  restartsTimer = true
  /** Recovery ends when this position is acknowledged. */
  #point = 0
  /** Bytes assumed to have left the network because of duplicate acknowledgments alone. */
  #assumed = 0
  #duplicates = 0
  /** The first unacknowledged position at the last timeout. */
  #timedOutAt = -1
  /** What `undo` restores, the window and threshold from before; and the time of the first retransmission, or -1. */
  #undoWindow = 0
  #undoThreshold = 0
  #undoEcho = -1
  #mayUndo = false
  /**
   * Bytes retransmitted in this recovery and not yet reported as duplicates; their range; and the position after which
   * no report can come.
   */
  #repeatedBytes = 0
  #undoFrom = 0
  #undoUntil = 0
  /** The stage of F-RTO (RFC 5682), and how many new segments it may still send. */
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

  /** The estimate of bytes in flight. */
  get pipe(): number {
    return Math.max(0, this.#segments.pipe - this.#assumed)
  }

  /** How many bytes may be in flight. */
  get window(): number {
    return this.state === RECOVERING ? this.#reduction.window : this.#cubic.window
  }

  /** True if no losses are being repaired, and no later report can prove the last ones spurious. */
  get isOver(): boolean {
    return this.state === OPEN && !this.#mayUndo
  }

  /** True while the timeout may have been spurious: nothing more is retransmitted until the next answer. */
  get isDoubting(): boolean {
    return this.#doubt === SECOND_ANSWER
  }

  /** True if F-RTO may send one more new segment. */
  get mayTryNew(): boolean {
    return this.#newLeft > 0
  }

  triedNew(): void {
    this.#newLeft--
  }

  /** F-RTO concludes that the timeout was justified. */
  believe(): void {
    this.#doubt = NO_DOUBT
  }

  /** Acknowledgments revealed a loss (RFC 5681, 3.2). */
  enter(una: number, next: number, mss: number): void {
    if (this.state !== OPEN) return
    this.#counters.unusual.recoveries++
    this.#prepareUndo(una)
    this.state = RECOVERING
    this.#point = next
    this.#cubic.reduce()
    this.#reduction.begin(this.#segments.flight, this.#cubic.threshold, this.pipe, mss)
  }

  /**
   * The retransmission timer expired (RFC 6298, 5.4 to 5.6). The caller marks the lost segments. Returns true if the last
   * timeout concerned the same segment.
   */
  timeOut(una: number, next: number): boolean {
    const isAgain = this.state === TIMED_OUT && una === this.#timedOutAt
    // Not within the recovery from another timeout (RFC 5682, 2.1, step 1).
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
    return isAgain
  }

  /** A probe repaired a loss that nothing else will reveal (RFC 8985, 7.4.2). */
  repaired(): void {
    if (this.state !== OPEN) return
    this.#counters.unusual.recoveries++
    this.#cubic.reduce()
  }

  /** A segment left, with `echo` in its timestamp. */
  sent(bytes: number, isRepeated: boolean, echo: number): void {
    if (this.state === RECOVERING) this.#reduction.sent(bytes)
    if (!isRepeated) return
    if (this.state !== OPEN) this.#repeatedBytes += bytes
    if (this.#mayUndo && this.#undoEcho < 0) this.#undoEcho = echo
  }

  /**
   * The first unacknowledged position moved to `una`; the peer echoed `echo` (-1 without timestamps). `assumed`: bytes
   * already assumed delivered because of duplicates that are acknowledged now (RFC 6582, 3.2, step 3). Returns true if
   * recovery is over.
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
   * The peer reports [from, to) as a duplicate. If everything retransmitted was one, nothing was lost (RFC 3708).
   * Returns true if that ends a recovery.
   */
  reported(from: number, to: number): boolean {
    if (!this.#mayUndo || this.#repeatedBytes === 0 || from < this.#undoFrom || to > this.#point) return false
    this.#repeatedBytes -= to - from
    if (this.#repeatedBytes > 0) return false
    this.#undo()
    return true
  }

  /** An acknowledgment acknowledged nothing new: after a timeout that confirms a loss (RFC 5682, 2.1, steps 2 and 3). */
  stood(): void {
    this.#doubt = NO_DOUBT
  }

  /** This acknowledgment reports `bytes` as arrived. */
  deliver(bytes: number, isSafe: boolean, mss: number): void {
    if (this.state === RECOVERING) this.#reduction.deliver(bytes, this.pipe, isSafe, mss)
  }

  /** A duplicate acknowledgment from a peer without SACK (RFC 5681, 3.2; RFC 6582). */
  duplicate(una: number, next: number, mss: number): void {
    // Needless retransmissions after a timeout cause duplicates as well (RFC 6582, 3.2, step 2).
    if (this.state === OPEN && una <= this.#point) return
    this.#assumed = Math.min(this.#assumed + mss, this.#segments.pipe)
    if (this.state === OPEN && ++this.#duplicates >= DUPLICATES) {
      this.#loseFirst()
      this.enter(una, next, mss)
    } else this.deliver(mss, false, mss)
  }

  /** The flow has moved to a new path without known losses; everything before `next` leaves again. */
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
    // A timestamp has already confirmed a loss.
    this.#doubt = echo < 0 ? SECOND_ANSWER : NO_DOUBT
    this.#newLeft = NEW_SEGMENTS
  }

  #prepareUndo(una: number): void {
    this.#mayUndo = true
    this.#undoEcho = -1
    this.#undoFrom = una
    // A probe before the recovery may also be reported as a duplicate; that says nothing about retransmissions.
    this.#repeatedBytes = this.#tail.repeatedBytes
    this.#undoWindow = this.#cubic.window
    this.#undoThreshold = this.#cubic.threshold
  }

  /** Eifel (RFC 3522): the first acknowledgment echoes a time before any retransmission, so nothing was lost. */
  #isSpurious(echo: number): boolean {
    if (!this.#mayUndo || this.#undoEcho < 0 || echo < 0) return false
    this.#mayUndo = false
    return distance(this.#undoEcho, echo) < 0
  }

  /** RFC 4015 without its changes to the timeout, because a timestamp gives the next sample. */
  #undo(): void {
    this.#counters.unusual.spuriousRecoveries++
    this.#cubic.undo(this.#undoWindow, this.#undoThreshold)
    this.#segments.findAll()
    this.#mayUndo = false
    this.#end()
  }

  /** A partial acknowledgment shows that the next segment is missing too (RFC 6582, 3.2, step 3). */
  #repairNext(): void {
    this.restartsTimer = !this.#hasRepaired
    this.#hasRepaired = true
    this.#loseFirst()
  }

  /** Marks the first unacknowledged segment lost (RFC 6582, 3.2). */
  #loseFirst(): void {
    const segments = this.#segments
    if (segments.count === 0) return
    const place = segments.head & segments.mask
    if (!((segments.flags[place] as number) & (SACKED | LOST | REPEATED))) segments.lose(place)
  }
}
