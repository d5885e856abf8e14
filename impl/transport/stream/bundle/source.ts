/** The data that several flows send together: what is unacknowledged and unsent, and what another flow must send again. */
import { Ranges } from '../ranges.ts'
import type { SendBuffer } from '../sendBuffer.ts'

/** What `Source` takes over from the flow that sent everything so far. Positions of that flow are data positions. */
export interface Sent {
  readonly origin: number
  readonly una: number
  readonly next: number
  readonly edge: number
  readonly largestWindow: number
  readonly isEnding: boolean
  readonly noDelay: boolean
}

export class Source {
  readonly buffer: SendBuffer
  /** The sequence number of position 0. */
  readonly origin: number
  /** The first position that the peer lacks, and the first that was never sent. */
  una: number
  next: number
  /** The position from which the peer's window is closed, and the largest window it ever offered. */
  edge: number
  largestWindow: number
  /** The application has finished writing: the end of the data takes one position after the last byte. */
  isEnding: boolean
  noDelay: boolean
  /** Sent and unacknowledged data that another flow must send again. */
  readonly again = new Ranges()
  /** The same for data of flows that are late, until they answer. */
  readonly doubtful = new Ranges()

  constructor(buffer: SendBuffer, { origin, una, next, edge, largestWindow, isEnding, noDelay }: Sent) {
    this.buffer = buffer
    this.origin = origin
    this.una = Math.max(1, una)
    this.next = Math.max(1, next)
    this.edge = edge
    this.largestWindow = largestWindow
    this.isEnding = isEnding
    this.noDelay = noDelay
  }

  /** The position after everything that is to be sent, the end included. */
  get limit(): number {
    return this.buffer.end + (this.isEnding ? 1 : 0)
  }

  /** Bytes written but never sent. */
  get unsent(): number {
    return Math.max(0, this.buffer.end - this.next)
  }

  /** True if the end was sent and acknowledged. */
  get isDone(): boolean {
    return this.isEnding && this.una > this.buffer.end
  }

  /** True if something waits for a flow, whether or not the peer's window has room for it. */
  get isWaiting(): boolean {
    return this.next < this.limit || this.mustRepeat
  }

  get mustRepeat(): boolean {
    return this.again.count > 0 || this.doubtful.count > 0
  }

  /** Copies data to `out`. Writes zeros in place of acknowledged data, and of the end. */
  copy(position: number, length: number, out: Uint8Array, at: number): void {
    const { buffer } = this
    const from = Math.min(Math.max(position, buffer.end - buffer.size), position + length)
    const to = Math.max(from, Math.min(position + length, buffer.end))
    out.fill(0, at, at + from - position)
    buffer.copy(from, to - from, out, at + from - position)
    out.fill(0, at + to - position, at + length)
  }

  /** Everything before `position` has arrived. Returns true if that is news. */
  acknowledge(position: number): boolean {
    if (position <= this.una) return false
    this.una = position
    this.buffer.drop(position)
    skip(this.again, position)
    skip(this.doubtful, position)
    return true
  }

  /** The peer's window ends at `edge`. Acknowledgments of several flows arrive in any order, so it never moves back. */
  open(edge: number, window: number): boolean {
    if (window > this.largestWindow) this.largestWindow = window
    if (edge <= this.edge) return false
    this.edge = edge
    return true
  }

  /** Adds [from, to) to what must be sent again. Beyond the limit on ranges, adds also what lies between. */
  repeat(from: number, to: number, ranges = this.again): void {
    const left = Math.max(from, this.una)
    if (left >= to) return
    if (ranges.mayAdd(left, to)) ranges.add(left, to)
    else
      ranges.add(
        Math.min(left, ranges.left[0] as number),
        Math.max(to, ranges.right[ranges.count - 1] as number),
      )
  }

  /** The late flows are silent indeed. */
  confirmDoubts(): void {
    const { doubtful } = this
    for (let i = 0; i < doubtful.count; i++)
      this.repeat(doubtful.left[i] as number, doubtful.right[i] as number)
    doubtful.clear()
  }

  /** Another flow has sent the data from `from` up to `to`. */
  repeated(from: number, to: number): void {
    if (from === this.again.left[0]) skip(this.again, to)
    if (from === this.doubtful.left[0]) skip(this.doubtful, to)
  }
}

/** Removes what lies before `position`. */
function skip(ranges: Ranges, position: number): void {
  while (ranges.count > 0 && (ranges.right[0] as number) <= position) ranges.shift()
  if (ranges.count > 0 && (ranges.left[0] as number) < position) ranges.left[0] = position
}
