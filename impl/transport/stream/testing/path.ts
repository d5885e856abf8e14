/** One direction of a network between two streams: latency, rate, queue and faults, in virtual time from one seed. */

import { at, must } from '../../../../checker/text/at.ts'
/** All in one packet's life; what is left out does not happen. */
export interface Faults {
  /** Shares of packets, 0 to 1. */
  readonly loss?: number
  readonly duplication?: number
  readonly reordering?: number
  readonly corruption?: number
  /** How late a reordered packet is, at most. */
  readonly latenessMs?: number
}

export interface PathOptions extends Faults {
  readonly latencyMs?: number
  /** Bits per second; Infinity if not given. */
  readonly rate?: number
  /** Bytes that wait for their turn; what comes to a full queue is lost. */
  readonly queueBytes?: number
}

/** A number in [0, 1). */
export type Random = () => number

/** Mulberry32: small, and good enough to draw faults. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Flying {
  readonly bytes: Uint8Array
  readonly atMs: number
  readonly order: number
}

export class Path {
  options: PathOptions
  /** Nothing passes. */
  isCut = false
  /** Asked for each packet: true, it is lost. */
  drops: (bytes: Uint8Array, index: number) => boolean = () => false
  sent = 0
  lost = 0
  readonly #random: Random
  /** What is under way, the next to arrive last. */
  #flying: Flying[] = []
  #order = 0
  #freeAtMs = 0

  constructor(options: PathOptions, random: Random) {
    this.options = options
    this.#random = random
  }

  /** When the next packet arrives; Infinity when none is under way. */
  get nextMs(): number {
    return this.#flying.at(-1)?.atMs ?? Number.POSITIVE_INFINITY
  }

  /** Takes a packet; `bytes` are copied. */
  send(bytes: Uint8Array, nowMs: number): void {
    const { loss = 0, duplication = 0, corruption = 0 } = this.options
    const isDropped = this.drops(bytes, this.sent++)
    if (this.isCut || isDropped || this.#happens(loss)) {
      this.lost++
      return
    }
    const copy = bytes.slice()
    if (this.#happens(corruption)) {
      const bit = Math.floor(this.#random() * copy.length * 8)
      copy[bit >> 3] = at(copy, bit >> 3) ^ (1 << (bit & 7))
    }
    this.#fly(copy, nowMs)
    if (this.#happens(duplication)) this.#fly(copy, nowMs)
  }

  /** The packets that have arrived at `nowMs`, in order. */
  *arrived(nowMs: number): Generator<Uint8Array> {
    while (this.nextMs <= nowMs) yield must(this.#flying.pop()).bytes
  }

  /** Everything that is under way is lost. */
  clear(): void {
    this.lost += this.#flying.length
    this.#flying = []
  }

  #fly(bytes: Uint8Array, nowMs: number): void {
    const {
      latencyMs = 0,
      rate = Number.POSITIVE_INFINITY,
      queueBytes = Number.POSITIVE_INFINITY,
    } = this.options
    const { reordering = 0, latenessMs = 2 * latencyMs + 1 } = this.options
    const waitMs = Math.max(0, this.#freeAtMs - nowMs)
    if ((waitMs * rate) / 8000 > queueBytes) {
      this.lost++
      return
    }
    this.#freeAtMs = nowMs + waitMs + (bytes.length * 8000) / rate
    const lateMs = this.#happens(reordering) ? this.#random() * latenessMs : 0
    const flying = { bytes, atMs: this.#freeAtMs + latencyMs + lateMs, order: this.#order++ }
    let place = this.#flying.length
    while (place > 0 && isBefore(at(this.#flying, place - 1), flying)) place--
    this.#flying.splice(place, 0, flying)
  }

  #happens(share: number): boolean {
    return share > 0 && this.#random() < share
  }
}

const isBefore = (a: Flying, b: Flying): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
