/** Messages in the order of their coming, within limits of number and bytes. It holds references, and copies nothing. */
export class MessageQueue {
  readonly #ring: (Uint8Array | undefined)[]
  readonly #bytesLimit: number
  #first = 0
  #size = 0
  #bytes = 0

  /** At most `messagesLimit` messages (a power of two) of `bytesLimit` bytes together. */
  constructor(messagesLimit: number, bytesLimit: number) {
    this.#ring = new Array(messagesLimit).fill(undefined)
    this.#bytesLimit = bytesLimit
  }

  /** How many messages there are. */
  get size(): number {
    return this.#size
  }

  /** How many bytes they have. */
  get bytes(): number {
    return this.#bytes
  }

  /** At half of a limit or below it in both. */
  get isHalfEmpty(): boolean {
    return 2 * this.#size <= this.#ring.length && 2 * this.#bytes <= this.#bytesLimit
  }

  /** Whether a message of `length` bytes would fit. */
  hasRoom(length: number): boolean {
    return this.#size < this.#ring.length && this.#bytes + length <= this.#bytesLimit
  }

  /** Appends a message; false, and nothing done, if it does not fit. */
  push(message: Uint8Array): boolean {
    if (!this.hasRoom(message.length)) return false
    this.#ring[(this.#first + this.#size++) & (this.#ring.length - 1)] = message
    this.#bytes += message.length
    return true
  }

  /** The oldest message, which stays. */
  peek(): Uint8Array | undefined {
    return this.#ring[this.#first]
  }

  /** Takes the oldest message. */
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
    while (this.shift());
  }
}
