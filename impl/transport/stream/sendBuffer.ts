/** What the application wrote, until the peer has acknowledged it. */
import { Pieces } from './pieces.ts'

export class SendBuffer {
  readonly #pieces: Pieces
  #start: number
  #end: number

  constructor(start: number) {
    this.#pieces = new Pieces(start)
    this.#start = start
    this.#end = start
  }

  /** The position after the last byte. */
  get end(): number {
    return this.#end
  }

  /** Bytes that are held. */
  get size(): number {
    return this.#end - this.#start
  }

  /** Appends a copy. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const end = this.#end + bytes.length
    this.#pieces.cover(end)
    this.#pieces.write(this.#end, bytes, 0, bytes.length)
    this.#end = end
  }

  /** Copies `length` bytes at `position`, all of which are held, to `out`. */
  copy(position: number, length: number, out: Uint8Array, at: number): void {
    if (length > 0) this.#pieces.copy(position, length, out, at)
  }

  /** Everything before `position` is acknowledged. */
  drop(position: number): void {
    if (position <= this.#start) return
    this.#start = Math.min(position, this.#end)
    if (this.#start === this.#end) this.#pieces.restart(this.#end)
    else this.#pieces.drop(this.#start)
  }

  clear(): void {
    this.#start = this.#end
    this.#pieces.restart(this.#end)
  }
}
