/** One direction of a network between two streams: latency, rate, queue and faults, in virtual time from one seed. */

import { at, must } from '../../../../checker/text/at.ts'
/** What happens to packets; an omitted fault does not happen. */
export interface Faults {
  /** Shares of packets, 0 to 1. */
  readonly loss?: number
  readonly duplication?: number
  readonly reordering?: number
  readonly corruption?: number
  /** The longest delay of a reordered packet. */
  readonly latenessMs?: number
}

export interface PathOptions extends Faults {
  readonly latencyMs?: number
  /** Bits per second. Default Infinity. */
  readonly rate?: number
  /** The size of the queue; a packet that finds it full is lost. */
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
  /** If true, nothing passes. */
  isCut = false
  /** Called for each packet; if it returns true, the packet is lost. */
  drops: (bytes: Uint8Array, index: number) => boolean = () => false
  sent = 0
  lost = 0
  readonly #random: Random
  /** Packets in flight, the next to arrive last. */
  #flying: Flying[] = []
  #order = 0
  #freeAtMs = 0

  constructor(options: PathOptions, random: Random) {
    this.options = options
    this.#random = random
  }

  /** When the next packet arrives; Infinity if none is in flight. */
  get nextMs(): number {
    return this.#flying.at(-1)?.atMs ?? Number.POSITIVE_INFINITY
  }

  /** Takes a copy of a packet. */
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

  /** Yields the packets that have arrived by `nowMs`, in order. */
  *arrived(nowMs: number): Generator<Uint8Array> {
    while (this.nextMs <= nowMs) yield must(this.#flying.pop()).bytes
  }

  /** Loses every packet in flight. */
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
