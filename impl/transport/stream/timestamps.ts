/** Timestamps (RFC 7323): what is sent in them, what is echoed, and protection against wrapped sequence numbers. */
import { distance } from './serial.ts'

/** After this long the clock of a peer that ticks once in a ms has wrapped, and `recent` says nothing (5.5). */
const RECENT_LIFE_MS = 24 * 24 * 60 * 60 * 1000

export class Timestamps {
  /** Both ends want them. */
  areUsed = false
  /** The peer's latest, which is echoed (4.3). */
  recent = 0
  #recentAtMs = 0
  readonly #offset: number

  /** `offset`: any number of 32 bits, which others cannot guess (5.4). */
  constructor(offset: number) {
    this.#offset = offset
  }

  /** Ticks once in a ms. */
  value(nowMs: number): number {
    return (this.#offset + Math.floor(nowMs)) >>> 0
  }

  /** How long ago `echo` was sent, in ms. */
  age(echo: number, nowMs: number): number {
    return distance(echo, this.value(nowMs))
  }

  /** PAWS (5.3, R1): whether a segment with this timestamp is from before. */
  isOld(value: number, nowMs: number): boolean {
    return distance(this.recent, value) < 0 && nowMs - this.#recentAtMs < RECENT_LIFE_MS
  }

  /** Of a segment that begins at or before the last acknowledgment that was sent (4.3, R3). */
  take(value: number, nowMs: number): void {
    this.recent = value
    this.#recentAtMs = nowMs
  }
}
