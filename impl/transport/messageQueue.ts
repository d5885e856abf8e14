/** Messages in the order of their coming, within limits of number and bytes. It holds references and copies nothing. */
export class MessageQueue {
  readonly #ring: (Uint8Array | undefined)[]
  readonly #bytesLimit: number
  #first = 0
  #size = 0
  #bytes = 0

  /** At most `messagesLimit` messages, a power of two, with at most `bytesLimit` bytes together. */
  constructor(messagesLimit: number, bytesLimit: number) {
    this.#ring = new Array(messagesLimit).fill(undefined)
    this.#bytesLimit = bytesLimit
  }

  /** How many messages there are. */
  get size(): number {
    return this.#size
  }

  /** How many bytes they have together. */
  get bytes(): number {
    return this.#bytes
  }

  /** At half of each limit, or below. */
  get isHalfEmpty(): boolean {
    return 2 * this.#size <= this.#ring.length && 2 * this.#bytes <= this.#bytesLimit
  }

  /** Appends a message. False: it does not fit, and nothing was done. */
  push(message: Uint8Array): boolean {
    if (this.#size === this.#ring.length || this.#bytes + message.length > this.#bytesLimit) return false
    this.#ring[(this.#first + this.#size++) & (this.#ring.length - 1)] = message
    this.#bytes += message.length
    return true
  }

  /** Takes the oldest message. Undefined: there is none. */
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
