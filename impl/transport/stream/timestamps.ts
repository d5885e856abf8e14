/** Timestamps (RFC 7323): the values to send and to echo, and protection against wrapped sequence numbers. */
import { distance } from './serial.ts'

/** After this time a peer's clock that ticks once per ms has wrapped, and `recent` means nothing (5.5). */
const RECENT_LIFE_S = 24 * 24 * 60 * 60

const seconds = (ms: number): number => Math.floor(ms / 1000)

export class Timestamps {
  /** Both ends offered timestamps. */
  areUsed = false
  /** 32 bits, signed, and whole seconds: V8 allocates an object for other numbers, also while the stream is idle. */
  #recent = 0
  #recentAtS = 0
  readonly #offset: number

  /** `offset`: an unpredictable 32-bit number (5.4). */
  constructor(offset: number) {
    this.#offset = offset | 0
  }

  /** The peer's latest timestamp, to be echoed (4.3). */
  get recent(): number {
    return this.#recent >>> 0
  }

  /** Returns the timestamp for `nowMs`; it ticks once per ms. */
  value(nowMs: number): number {
    return (this.#offset + Math.floor(nowMs)) >>> 0
  }

  /** Returns how long ago `echo` was sent, in ms. */
  age(echo: number, nowMs: number): number {
    return distance(echo, this.value(nowMs))
  }

  /** True if a segment with this timestamp is older than the latest (PAWS: 5.3, R1). */
  isOld(value: number, nowMs: number): boolean {
    return distance(this.#recent, value) < 0 && seconds(nowMs) - this.#recentAtS < RECENT_LIFE_S
  }

  /** Takes the timestamp of a segment that begins at or before the last acknowledgment sent (4.3, R3). */
  take(value: number, nowMs: number): void {
    this.#recent = value | 0
    this.#recentAtS = seconds(nowMs)
  }
}
