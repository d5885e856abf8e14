/** A first-in, first-out queue of messages, limited in number and bytes. It holds references and copies nothing. */
export class MessageQueue {
  readonly #ring: (Uint8Array | undefined)[]
  readonly #bytesLimit: number
  #first = 0
  #size = 0
  #bytes = 0

  /** `messagesLimit` must be a power of two; `bytesLimit` limits the sum of all lengths. */
  constructor(messagesLimit: number, bytesLimit: number) {
    this.#ring = new Array(messagesLimit).fill(undefined)
    this.#bytesLimit = bytesLimit
  }

  /** The number of messages. */
  get size(): number {
    return this.#size
  }

  /** The sum of their lengths in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** True if the queue is at or below half of both limits. */
  get isHalfEmpty(): boolean {
    return 2 * this.#size <= this.#ring.length && 2 * this.#bytes <= this.#bytesLimit
  }

  /** Appends a message. Returns false, and changes nothing, if it does not fit. */
  push(message: Uint8Array): boolean {
    if (this.#size === this.#ring.length || this.#bytes + message.length > this.#bytesLimit) return false
    this.#ring[(this.#first + this.#size++) & (this.#ring.length - 1)] = message
    this.#bytes += message.length
    return true
  }

  /** Removes and returns the oldest message, or undefined. */
  shift(): Uint8Array | undefined {
    const message = this.#ring[this.#first]
    if (message === undefined) return undefined
    this.#ring[this.#first] = undefined
    this.#first = (this.#first + 1) & (this.#ring.length - 1)
    this.#size--
    this.#bytes -= message.length
    return message
  }

  clear(): void {
    while (this.shift() !== undefined);
  }
}
