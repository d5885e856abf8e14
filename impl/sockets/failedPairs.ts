/** Pairs of addresses between which a policy opens no flow for now, or not any more. Bounds what a lying peer makes an end send. */
import type { Pair } from './flowPolicy.ts'

/**
 * Pairs that failed, or whose flow has ended; when there are as many, the policy rests until this host's addresses change. A peer that
 * advertises ever new addresses directs at most as many handshakes to them, and those that are repeated.
 */
const MOST_FAILED = 32
/** A pair without an answer is tried again after 30 s, then after doubled waits, up to an hour: its path may come back. */
const LOST_WAIT_MS = 30_000
const MOST_LOST_WAIT_MS = 3_600_000
/** Pairs that are tried again: as many as a policy asks for. */
const MOST_LOST = 4
/**
 * A refusal mostly concerns all pairs alike, as of a peer that has no room: after the second one in a row the policy waits 1 s, after each
 * further one twice as long, up to a minute.
 */
const REFUSED_WAIT_MS = 1000
const MOST_REFUSED_WAIT_MS = 60_000

export class FailedPairs {
  readonly #failed = new Set<string>()
  /** Those among them that gave no answer, until they are tried again. */
  readonly #lost = new Set<string>()
  #lostWaitMs = LOST_WAIT_MS
  #refusals = 0
  #restsUntilMs = 0

  has(pair: Pair): boolean {
    return this.#failed.has(nameOf(pair))
  }

  /** True while the policy opens no flow. */
  rests(nowMs: number): boolean {
    return this.#failed.size >= MOST_FAILED || nowMs < this.#restsUntilMs
  }

  /** The pair is not tried again. */
  avoid(pair: Pair): void {
    if (this.#failed.size < MOST_FAILED) this.#failed.add(nameOf(pair))
  }

  /** The peer has refused a flow. Returns how long the policy rests, ms. */
  refuse(pair: Pair, nowMs: number): number {
    this.avoid(pair)
    const refusals = this.#refusals++
    const waitMs = refusals === 0 ? 0 : Math.min(MOST_REFUSED_WAIT_MS, REFUSED_WAIT_MS * 2 ** (refusals - 1))
    this.#restsUntilMs = Math.max(this.#restsUntilMs, nowMs + waitMs)
    return waitMs
  }

  /** Nothing has answered. Returns in how many milliseconds to call `retry`; undefined if that is settled already. */
  lose(pair: Pair): number | undefined {
    this.avoid(pair)
    if (this.#lost.size >= MOST_LOST) return undefined
    this.#lost.add(nameOf(pair))
    if (this.#lost.size > 1) return undefined
    const waitMs = this.#lostWaitMs
    this.#lostWaitMs = Math.min(MOST_LOST_WAIT_MS, 2 * waitMs)
    return waitMs
  }

  /** Pairs without an answer may be tried again. */
  retry(): void {
    for (const name of this.#lost) this.#failed.delete(name)
    this.#lost.clear()
  }

  /** A flow has opened. */
  succeed(): void {
    this.#refusals = 0
  }

  /** This host's addresses have changed, or no flow gets through. */
  forget(): void {
    this.#failed.clear()
    // A retry may be an hour away. Pairs that fail from now on get one of their own.
    this.#lost.clear()
    this.#lostWaitMs = LOST_WAIT_MS
    this.#refusals = 0
    this.#restsUntilMs = 0
  }
}

export const nameOf = ({ from, to }: Pair): string => `${from} ${to}`
