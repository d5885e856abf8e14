/**
 * Sent and unacknowledged segments, one entry each, in the order of the stream. Entries are columns of typed arrays,
 * used as a ring that grows. A linked list through the ring orders the segments in flight by time of sending.
 */
import { MOST_SEGMENTS } from './limits.ts'

const FIRST_ROOM = 32
/** Sets of columns kept for reuse. */
const MOST_SPARE = 64

/** Flags of an entry. */
export const SACKED = 1
/** Assumed lost, and not retransmitted since. */
export const LOST = 2
/** Sent more than once. */
export const REPEATED = 4
/** Carries the FIN. */
export const WITH_FIN = 8
/** Contained the last byte written when it left. */
export const PUSHED = 16

/** More bytes than any entry holds. */
const WHOLE = 2 ** 31 - 1
/** For all columns together. */
const BYTES_PER_ENTRY = 8 + 4 + 8 + 1 + 4 + 4

class Columns {
  readonly start: Float64Array
  readonly length: Int32Array
  readonly sentAtMs: Float64Array
  readonly flags: Uint8Array
  readonly before: Int32Array
  readonly after: Int32Array

  constructor(room: number) {
    this.start = new Float64Array(room)
    this.length = new Int32Array(room)
    this.sentAtMs = new Float64Array(room)
    this.flags = new Uint8Array(room)
    this.before = new Int32Array(room)
    this.after = new Int32Array(room)
  }
}

/** Shared by all streams without entries. */
const NO_COLUMNS = new Columns(0)
const spare: Columns[] = []

export class Segments {
  /** Entries from `head` up to `tail`, exclusive. Entry `i` is at `i & mask`. Without entries there are no columns. */
  head = 0
  tail = 0
  mask = -1
  #columns = NO_COLUMNS
  start = NO_COLUMNS.start
  /** Length in sequence space: bytes, plus 1 for the FIN. */
  length = NO_COLUMNS.length
  sentAtMs = NO_COLUMNS.sentAtMs
  flags = NO_COLUMNS.flags
  /** Places of the segments sent before and after; -1 for none. */
  #before = NO_COLUMNS.before
  after = NO_COLUMNS.after
  /** Places of the segments in flight that were sent first and last; -1 for none. */
  oldest = -1
  newest = -1
  /** Sums of lengths: of all entries, of SACKed ones, of LOST ones. */
  flight = 0
  sacked = 0
  lost = 0
  /** The number of SACKed entries. */
  sackedCount = 0
  /** No entry before this one is LOST. */
  #lostHint = 0

  get count(): number {
    return this.tail - this.head
  }

  get isFull(): boolean {
    return this.tail - this.head >= MOST_SEGMENTS
  }

  /** Bytes of memory that the entries take. */
  get memory(): number {
    return BYTES_PER_ENTRY * (this.mask + 1)
  }

  /** The estimate of bytes in flight. */
  get pipe(): number {
    return this.flight - this.sacked - this.lost
  }

  push(start: number, length: number, flags: number, nowMs: number): void {
    if (this.tail - this.head > this.mask) this.#grow()
    const place = this.tail++ & this.mask
    this.start[place] = start
    this.length[place] = length
    this.flags[place] = flags
    this.flight += length
    this.#append(place, nowMs)
  }

  /** Removes the first entry. */
  shift(): void {
    const place = this.head++ & this.mask
    this.#leave(place)
    this.flight -= this.length[place] as number
    if (this.head === this.tail) this.clear()
  }

  /** Trims the first entry, which is acknowledged up to `position`. */
  trim(position: number): void {
    const place = this.head & this.mask
    const cut = position - (this.start[place] as number)
    this.start[place] = position
    this.length[place] = (this.length[place] as number) - cut
    this.flight -= cut
    const flags = this.flags[place] as number
    if (flags & SACKED) this.sacked -= cut
    if (flags & LOST) this.lost -= cut
  }

  sack(place: number): void {
    this.#leave(place)
    this.flags[place] = (this.flags[place] as number) | SACKED
    this.sacked += this.length[place] as number
    this.sackedCount++
  }

  /** Distrusts all SACKs (RFC 2018, 8): SACKed entries count as lost. */
  unsackAll(): void {
    for (let i = this.head; i < this.tail; i++) {
      const place = i & this.mask
      if (!((this.flags[place] as number) & SACKED)) continue
      this.flags[place] = (this.flags[place] as number) & ~SACKED
      this.#mark(place)
    }
    this.sacked = this.sackedCount = 0
    this.#lostHint = this.head
  }

  /** Marks everything in flight lost. */
  loseAll(): void {
    while (this.oldest >= 0) this.lose(this.oldest)
  }

  /** Marks the entry at `place`, which is in flight, lost. */
  lose(place: number): void {
    this.#unlink(place)
    this.#mark(place)
    const index = this.head + ((place - this.head) & this.mask)
    if (index < this.#lostHint) this.#lostHint = index
  }

  /** The entry at `place` is sent again. */
  resend(place: number, nowMs: number): void {
    const flags = this.flags[place] as number
    if (flags & LOST) this.lost -= this.length[place] as number
    else this.#unlink(place)
    this.flags[place] = (flags & ~LOST) | REPEATED
    this.#append(place, nowMs)
  }

  /** Returns the length of the entry at `place` without the FIN. */
  bytes(place: number): number {
    return (this.length[place] as number) - ((this.flags[place] as number) & WITH_FIN ? 1 : 0)
  }

  /**
   * Cuts every entry longer than `most` bytes, so that all can be resent in smaller packets. Returns the new place of
   * the first part of the entry at `place`.
   */
  cut(most: number, place: number): number {
    const start = this.start[place] as number
    let count = 0
    for (let i = this.head; i < this.tail; i++) count += this.#parts(i & this.mask, most)
    let room = this.mask + 1
    while (room < count) room *= 2
    this.#rebuild(room, most)
    return this.indexFrom(start) & this.mask
  }

  /**
   * Returns LOST entries that were never retransmitted to the list of those in flight: before all retransmitted ones,
   * because they were sent earlier.
   */
  findAll(): void {
    for (let i = this.tail - 1; i >= this.head && this.lost > 0; i--) {
      const place = i & this.mask
      if (!((this.flags[place] as number) & LOST) || (this.flags[place] as number) & REPEATED) continue
      this.flags[place] = (this.flags[place] as number) & ~LOST
      this.lost -= this.length[place] as number
      this.#before[place] = -1
      this.after[place] = this.oldest
      if (this.oldest < 0) this.newest = place
      else this.#before[this.oldest] = place
      this.oldest = place
    }
  }

  /** Returns the place of the first LOST entry, or -1. */
  firstLost(): number {
    if (this.lost === 0) return -1
    let index = Math.max(this.head, this.#lostHint)
    while (index < this.tail && !((this.flags[index & this.mask] as number) & LOST)) index++
    this.#lostHint = index
    return index < this.tail ? index & this.mask : -1
  }

  /** Returns the index of the first entry that begins at or after `position`. */
  indexFrom(position: number): number {
    let low = this.head
    let high = this.tail
    while (low < high) {
      const middle = low + ((high - low) >>> 1)
      if ((this.start[middle & this.mask] as number) < position) low = middle + 1
      else high = middle
    }
    return low
  }

  clear(): void {
    this.head = this.tail = 0
    this.oldest = this.newest = -1
    this.flight = this.sacked = this.lost = this.sackedCount = this.#lostHint = 0
    if (this.mask === FIRST_ROOM - 1 && spare.length < MOST_SPARE) spare.push(this.#columns)
    this.#use(NO_COLUMNS)
  }

  /** Removes an acknowledged entry from the sums and from the list. */
  #leave(place: number): void {
    const flags = this.flags[place] as number
    if (flags & SACKED) {
      this.sacked -= this.length[place] as number
      this.sackedCount--
    } else if (flags & LOST) this.lost -= this.length[place] as number
    else this.#unlink(place)
    this.flags[place] = flags & ~(SACKED | LOST)
  }

  #mark(place: number): void {
    this.flags[place] = (this.flags[place] as number) | LOST
    this.lost += this.length[place] as number
  }

  #append(place: number, nowMs: number): void {
    this.sentAtMs[place] = nowMs
    this.#before[place] = this.newest
    this.after[place] = -1
    if (this.newest < 0) this.oldest = place
    else this.after[this.newest] = place
    this.newest = place
  }

  #unlink(place: number): void {
    const before = this.#before[place] as number
    const after = this.after[place] as number
    if (before < 0) this.oldest = after
    else this.after[before] = after
    if (after < 0) this.newest = before
    else this.#before[after] = before
  }

  #use(columns: Columns): void {
    this.#columns = columns
    this.mask = columns.start.length - 1
    this.start = columns.start
    this.length = columns.length
    this.sentAtMs = columns.sentAtMs
    this.flags = columns.flags
    this.#before = columns.before
    this.after = columns.after
  }

  #grow(): void {
    if (this.mask < 0) this.#use(spare.pop() ?? new Columns(FIRST_ROOM))
    else this.#rebuild(2 * (this.mask + 1), WHOLE)
  }

  /** Moves to columns with more room, and cuts entries longer than `most` bytes. Places change, so the list is rebuilt. */
  #rebuild(room: number, most: number): void {
    const to = new Columns(room)
    const mask = room - 1
    /** Where the parts of each entry begin and end. */
    const firsts = new Int32Array(this.mask + 1)
    const lasts = new Int32Array(this.mask + 1)
    let next = this.head
    for (let i = this.head; i < this.tail; i++) {
      const from = i & this.mask
      firsts[from] = next & mask
      let [start, left] = [this.start[from] as number, this.length[from] as number]
      for (let parts = this.#parts(from, most); parts > 0; parts--) {
        const place = next++ & mask
        to.start[place] = start
        to.length[place] = parts > 1 ? most : left
        to.sentAtMs[place] = this.sentAtMs[from] as number
        to.flags[place] =
          parts > 1 ? (this.flags[from] as number) & ~(WITH_FIN | PUSHED) : (this.flags[from] as number)
        to.before[place] = (place - 1) & mask
        to.after[place] = next & mask
        start += most
        left -= most
      }
      lasts[from] = (next - 1) & mask
    }
    for (let i = this.head; i < this.tail; i++) {
      const from = i & this.mask
      const [before, after] = [this.#before[from] as number, this.after[from] as number]
      to.before[firsts[from] as number] = before < 0 ? -1 : (lasts[before] as number)
      to.after[lasts[from] as number] = after < 0 ? -1 : (firsts[after] as number)
    }
    if (this.oldest >= 0) this.oldest = firsts[this.oldest] as number
    if (this.newest >= 0) this.newest = lasts[this.newest] as number
    this.tail = next
    this.#lostHint = this.head
    this.#use(to)
  }

  /** Returns the number of pieces into which an entry is cut. SACKed entries stay whole. */
  #parts(place: number, most: number): number {
    return (this.flags[place] as number) & SACKED ? 1 : Math.max(1, Math.ceil(this.bytes(place) / most))
  }
}
