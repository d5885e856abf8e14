/** The option `onread`: bytes go into a buffer of the program, and no `data` events are emitted. As in `net`. */
import { argumentError } from './arguments.ts'

/** The option as programs give it. */
export interface OnReadOptions {
  /** Memory for the next bytes, or a function that returns it. */
  readonly buffer: Uint8Array | (() => Uint8Array)
  /** Called with the number of bytes and their memory. Returns `false` to pause the socket. */
  callback(bytes: number, buffer: Uint8Array): unknown
}

export class OnRead {
  isPaused = false
  readonly #options: OnReadOptions
  /** Where the next bytes go. */
  #buffer: Uint8Array | undefined
  /** Bytes that the last buffer had no room for. */
  #rest: Buffer | undefined

  /** Throws ERR_INVALID_ARG_TYPE. */
  constructor(options: OnReadOptions) {
    const { buffer, callback } = options
    if (!(buffer instanceof Uint8Array) && typeof buffer !== 'function')
      throw argumentError('onread.buffer', 'bytes, or a function that returns them', buffer)
    if (typeof callback !== 'function') throw argumentError('onread.callback', 'a function', callback)
    this.#options = options
  }

  /** Asks the program for the first buffer, as soon as there is a connection. */
  prepare(): void {
    if (this.#buffer === undefined) this.#nextBuffer()
  }

  /** A value that is no buffer is ignored: the buffer before it stays in use. */
  #nextBuffer(): void {
    const { buffer } = this.#options
    const given = typeof buffer === 'function' ? buffer() : buffer
    if (given instanceof Uint8Array) this.#buffer = given
  }

  /**
   * Passes on what `next` returns, until it returns nothing, the program pauses, or the socket, which is `this` of the callback,
   * is destroyed. Counts each piece before its callback. Returns false if the program's buffer has no room at all.
   */
  take(
    socket: { readonly destroyed: boolean },
    next: () => Buffer | undefined,
    count: (bytes: number) => void,
  ): boolean {
    const { callback } = this.#options
    while (!this.isPaused && !socket.destroyed) {
      const bytes = this.#rest ?? next()
      if (bytes === undefined) break
      const buffer = this.#buffer
      if (buffer === undefined || buffer.length === 0) return false
      const length = bytes.copy(buffer)
      this.#rest = length < bytes.length ? bytes.subarray(length) : undefined
      count(length)
      if (Reflect.apply(callback, socket, [length, buffer]) === false) this.isPaused = true
      this.#nextBuffer()
    }
    return true
  }

  /** True if bytes wait for the program to resume. */
  get holds(): boolean {
    return this.#rest !== undefined
  }
}
