/** The faults of one direction of a link. */
import { LinkError } from './errors.ts'
import type { Clock, Datagram } from './link.ts'

/** The faults of one direction: probabilities and times. */
export interface FaultOptions {
  /** Shares, 0 to 1: of datagrams that are lost, of datagrams that are duplicated, of copies with one flipped bit. */
  readonly loss: number
  readonly duplication: number
  readonly corruption: number
  /** The share of copies held back for `reorderMs`, so that later ones overtake them. */
  readonly reordering: number
  readonly reorderMs: number
  /** Each copy waits for the delay plus a random part of the jitter. Jitter alone never reorders. */
  readonly delayMs: number
  readonly jitterMs: number
  /** The rate of the line, and the size in bytes of the queue before it. A full queue drops copies. */
  readonly bytesPerSecond: number
  readonly queueBytes: number
}

/** Bytes: 100 ms at 10 Mb/s, like a home router. */
const DEFAULT_QUEUE_BYTES = 128 * 1024

export const NO_FAULTS: FaultOptions = {
  loss: 0,
  duplication: 0,
  corruption: 0,
  reordering: 0,
  reorderMs: 0,
  delayMs: 0,
  jitterMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  queueBytes: DEFAULT_QUEUE_BYTES,
}

/**
 * Counts of datagrams and their copies. `offered = cut + lost + the rest`, and some of the rest have two copies. They
 * never decrease.
 */
export interface FaultCounters {
  /** Datagrams that entered. */
  offered: number
  cut: number
  lost: number
  duplicated: number
  corrupted: number
  /** Copies held back, so that others could overtake. */
  reordered: number
  /** Copies dropped, because the queue or the store of held copies was full. */
  queueFull: number
  /** Copies that left. */
  passed: number
}

/** The most copies held at once in one direction. Delay times rate must not fill the memory. */
export const MAX_HELD = 65536

const isShare = (value: number): boolean => value >= 0 && value <= 1
const isSpan = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY

function check(options: FaultOptions): void {
  const { reordering, reorderMs, bytesPerSecond, queueBytes } = options
  const wrong =
    (['loss', 'duplication', 'corruption', 'reordering'] as const).find(name => !isShare(options[name])) ??
    (['reorderMs', 'delayMs', 'jitterMs'] as const).find(name => !isSpan(options[name])) ??
    (bytesPerSecond > 0 ? undefined : 'bytesPerSecond') ??
    (queueBytes >= 0 ? undefined : 'queueBytes') ??
    (reordering > 0 && reorderMs === 0 ? 'reorderMs' : undefined)
  if (wrong !== undefined)
    throw new LinkError(
      'LINK_OPTION',
      `${wrong} is ${options[wrong as keyof FaultOptions]}, out of range; shares are 0 to 1, times in ms from 0, the rate ` +
        'above 0, and reordering needs a reorderMs',
    )
}

export class Impairment {
  readonly counters: FaultCounters = {
    offered: 0,
    cut: 0,
    lost: 0,
    duplicated: 0,
    corrupted: 0,
    reordered: 0,
    queueFull: 0,
    passed: 0,
  }
  readonly #random: () => number
  readonly #clock: Clock
  readonly #isCut: (datagram: Datagram) => boolean
  readonly #out: (batch: readonly Datagram[]) => void
  #options: FaultOptions = NO_FAULTS
  #held = 0
  /** Copies of this batch to be held. */
  #coming = 0
  /** When the line is free for the next copy. */
  #freeMs = Number.NEGATIVE_INFINITY
  /** When the last copy that was not held back leaves; no later copy may leave before it. */
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(
    random: () => number,
    clock: Clock,
    isCut: (datagram: Datagram) => boolean,
    out: (batch: readonly Datagram[]) => void,
  ) {
    this.#random = random
    this.#clock = clock
    this.#isCut = isCut
    this.#out = out
  }

  set(options: FaultOptions): void {
    check(options)
    this.#options = options
  }

  pass(batch: readonly Datagram[]): void {
    const nowMs = this.#clock.now
    this.#coming = 0
    /** Copies by leaving time, in order of arrival. */
    const leaving = new Map<number, Datagram[]>()
    for (const datagram of batch)
      for (const copy of this.#copies(datagram)) {
        const timeMs = this.#leaves(copy.bytes.length, nowMs)
        if (timeMs < 0) continue
        if (timeMs > nowMs) this.#coming++
        const group = leaving.get(timeMs)
        if (group === undefined) leaving.set(timeMs, [copy])
        else group.push(copy)
      }
    for (const [timeMs, group] of leaving) {
      // Held copies may be due now too, and leave first.
      if (timeMs === nowMs && this.#held === 0) this.#release(group)
      else this.#hold(timeMs, group)
    }
  }

  /** Returns the copies of one datagram: none, itself, or two. */
  #copies(datagram: Datagram): readonly Datagram[] {
    const { counters } = this
    const { loss, duplication } = this.#options
    counters.offered++
    if (this.#isCut(datagram)) {
      counters.cut++
      return []
    }
    if (this.#happens(loss)) {
      counters.lost++
      return []
    }
    if (!this.#happens(duplication)) return [this.#spoilt(datagram)]
    counters.duplicated++
    // Each copy has its own bytes, because its receiver owns them (`slice` of a Buffer would share them). Copies before
    // any corruption.
    const twin = { ...datagram, bytes: new Uint8Array(datagram.bytes) }
    return [this.#spoilt(datagram), this.#spoilt(twin)]
  }

  /** Flips one bit of some copies. The bytes belong to this link by now. */
  #spoilt(datagram: Datagram): Datagram {
    const { bytes } = datagram
    if (bytes.length > 0 && this.#happens(this.#options.corruption)) {
      this.counters.corrupted++
      const bit = Math.floor(this.#random() * bytes.length * 8)
      bytes[bit >>> 3] = (bytes[bit >>> 3] as number) ^ (1 << (bit & 7))
    }
    return datagram
  }

  /** Returns when a copy leaves, in ms, or -1 to drop it. */
  #leaves(length: number, nowMs: number): number {
    const { counters } = this
    const { bytesPerSecond, queueBytes, delayMs, jitterMs, reordering, reorderMs } = this.#options
    const startMs = Math.max(nowMs, this.#freeMs)
    const waitingBytes = ((startMs - nowMs) / 1000) * bytesPerSecond
    // A copy that finds the line free does not queue.
    if (this.#held + this.#coming >= MAX_HELD || (startMs > nowMs && waitingBytes + length > queueBytes)) {
      counters.queueFull++
      return -1
    }
    this.#freeMs = startMs + (length * 1000) / bytesPerSecond
    const arrivesMs = this.#freeMs + delayMs + (jitterMs > 0 ? this.#random() * jitterMs : 0)
    if (this.#happens(reordering)) {
      counters.reordered++
      return Math.max(arrivesMs, this.#lastMs) + reorderMs
    }
    this.#lastMs = Math.max(arrivesMs, this.#lastMs)
    return this.#lastMs
  }

  #happens(share: number): boolean {
    return share > 0 && this.#random() < share
  }

  #hold(timeMs: number, group: readonly Datagram[]): void {
    this.#held += group.length
    this.#clock.at(timeMs, () => {
      this.#held -= group.length
      this.#release(group)
    })
  }

  #release(group: readonly Datagram[]): void {
    this.counters.passed += group.length
    this.#out(group)
  }
}
