/** What is done about losses: when the window becomes smaller, what counts as lost, and when it is over. */
import type { Cubic } from './cubic.ts'
import { LOST, REPEATED, SACKED, type Segments } from './segments.ts'
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
  /** Recovery is over when this position is acknowledged. */
  point = 0
  /** Bytes that left the network by the word of duplicate acknowledgments alone. */
  assumed = 0
  #duplicates = 0
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
    return Math.max(0, this.#segments.pipe - this.assumed)
  }

  /** An acknowledgment of new bytes. */
  advance(una: number): void {
    this.#duplicates = 0
    this.assumed = 0
    if (this.state === OPEN) return
    if (una >= this.point) this.state = OPEN
    else if (this.state === RECOVERING) this.#loseFirst()
  }

  /** RFC 5681, 3.2: a duplicate acknowledgment of a peer without SACK. */
  duplicate(next: number, mss: number): void {
    this.assumed += mss
    if (this.state !== OPEN || ++this.#duplicates < DUPLICATES) return
    this.enter(next)
    this.#loseFirst()
  }

  enter(next: number): void {
    this.#counters.recoveries++
    this.state = RECOVERING
    this.point = next
    this.#cubic.reduce()
  }

  /** RFC 6298, 5.4 to 5.6. */
  timeOut(next: number): void {
    if (this.state !== TIMED_OUT) this.#cubic.collapse()
    this.state = TIMED_OUT
    this.point = next
    this.assumed = 0
    this.loseAll()
  }

  /** All that is not SACKed counts as lost. */
  loseAll(): void {
    const segments = this.#segments
    for (let i = segments.head; i < segments.tail; i++) {
      const place = i & segments.mask
      if (!(segments.flags[place]! & (SACKED | LOST))) segments.lose(place)
    }
  }

  restart(): void {
    this.state = OPEN
    this.assumed = 0
    this.#duplicates = 0
  }

  /** RFC 6582, 3.2: the first that is not acknowledged. */
  #loseFirst(): void {
    const segments = this.#segments
    if (segments.count === 0) return
    const place = segments.head & segments.mask
    if (!(segments.flags[place]! & (SACKED | LOST | REPEATED))) segments.lose(place)
  }
}
