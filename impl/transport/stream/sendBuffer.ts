/** Bytes written by the application and not yet acknowledged. */
import { must } from '../../../checker/text/at.ts'
import { LEAST_PIECE } from './limits.ts'
import { Pieces } from './pieces.ts'

export class SendBuffer {
  /** Undefined while the buffer holds no byte. */
  #pieces: Pieces | undefined
  /** The length of the next first piece. */
  #firstBytes = LEAST_PIECE
  #start: number
  #end: number

  constructor(start: number) {
    this.#start = start
    this.#end = start
  }

  /** The position after the last byte. */
  get end(): number {
    return this.#end
  }

  /** The number of bytes held. */
  get size(): number {
    return this.#end - this.#start
  }

  /** Bytes of memory that the buffer takes. */
  get memory(): number {
    return this.#pieces === undefined ? 0 : this.#pieces.memory
  }

  /** True if one segment can hold the bytes from `position` to the last one sent. */
  isContiguous(_position: number): boolean {
    return true
  }

  /** Appends a copy. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#pieces ??= new Pieces(this.#end, this.#firstBytes)
    const end = this.#end + bytes.length
    this.#pieces.cover(end)
    this.#pieces.write(this.#end, bytes, 0, bytes.length)
    this.#end = end
  }

  /** Copies `length` bytes at `position` to `out`. All must be held. */
  copy(position: number, length: number, out: Uint8Array, at: number): void {
    if (length > 0) must(this.#pieces).copy(position, length, out, at)
  }

  /** Drops everything before `position`, which is acknowledged. */
  drop(position: number): void {
    if (position <= this.#start) return
    this.#start = Math.min(position, this.#end)
    if (this.#start < this.#end) must(this.#pieces).drop(this.#start)
    else this.clear()
  }

  clear(): void {
    this.#start = this.#end
    if (this.#pieces === undefined) return
    this.#firstBytes = this.#pieces.end(this.#end)
    this.#pieces = undefined
  }
}
