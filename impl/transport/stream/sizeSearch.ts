/**
 * Finds the largest segment that a path carries (RFC 8899). A flow begins with segments that pass everywhere. A probe then repeats
 * the last bytes sent in one longer segment, and the peer's report of exactly these bytes as a duplicate (RFC 2883) shows that it
 * arrived. A lost probe costs no data and says nothing about congestion. Pure: times are arguments.
 */
import { COMMON_MSS, PROBES_PER_SIZE, RAISE_MS } from './limits.ts'

export class SizeSearch {
  /** Sizes to try, the largest first: so a path of Ethernet needs one probe. */
  readonly #sizes: readonly number[]
  #next = 0
  /** Probes of this size that nothing has answered. */
  #unanswered = 0
  /** The positions that the last probe carried; empty once it is answered. A late answer counts as well. */
  #from = 0
  #to = 0
  /** The last probe is neither answered nor counted as lost. */
  #isPending = false
  #dueMs = Number.NEGATIVE_INFINITY

  /** Looks for a segment longer than `least` and at most `most` bytes long. `optionBytes`: what options take of each. */
  constructor(least: number, most: number, optionBytes: number) {
    const common = COMMON_MSS.map(size => size - optionBytes)
    this.#sizes = [most, ...common.filter(size => size > least && size < most)]
  }

  /** Returns the size to probe now, or 0. */
  due(nowMs: number): number {
    if (nowMs < this.#dueMs) return 0
    if (this.#isPending) this.#fail()
    if (this.#next < this.#sizes.length) return this.#sizes[this.#next] as number
    this.#rest(nowMs)
    return 0
  }

  /** A probe with the bytes from `from` up to `to` has left; its answer is due at `dueMs`. */
  sent(from: number, to: number, dueMs: number): void {
    this.#from = from
    this.#to = to
    this.#dueMs = dueMs
    this.#isPending = true
  }

  /** Returns the size that the peer's report of a duplicate from `from` up to `to` proves, or 0 if it concerns no probe. */
  answer(from: number, to: number, nowMs: number): number {
    if (to === from || from !== this.#from || to !== this.#to) return 0
    this.#from = this.#to
    this.#rest(nowMs)
    return to - from
  }

  #fail(): void {
    this.#isPending = false
    if (++this.#unanswered < PROBES_PER_SIZE) return
    this.#unanswered = 0
    this.#next++
  }

  /** The path may change, so the search begins again later. */
  #rest(nowMs: number): void {
    this.#isPending = false
    this.#next = this.#unanswered = 0
    this.#dueMs = nowMs + RAISE_MS
  }
}
