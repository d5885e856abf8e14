/**
 * FlowIDs and nonces of confirmed stateless answers. While an answer is valid, a repeated ACK must not create a second
 * flow (invariant 3), so none is forgotten before; afterwards the oldest are replaced. Until then the host knows that
 * it issued these flowIDs, and can answer for ended flows (invariant 2).
 */
import { FlowTable } from './flowTable.ts'
import type { Nonce } from './nonces.ts'

export class Confirmed {
  readonly #most: number
  readonly #validMs: number
  /** From flowID to its place in the ring. */
  readonly #places = new FlowTable()
  #ids = new Int32Array(0)
  /** For each place, the high and the low half. */
  #nonces = new Uint32Array(0)
  #timesMs = new Float64Array(0)
  /** How many were ever added. */
  #added = 0

  /** Remembers at most `most`, each for at least `validMs`. */
  constructor(most: number, validMs: number) {
    this.#most = most
    this.#validMs = validMs
  }

  get size(): number {
    return this.#places.size
  }

  has(flowId: number): boolean {
    return this.#places.get(flowId) >= 0
  }

  /** Returns the nonce of the current or former flow with this flowID, or undefined. */
  nonceOf(flowId: number): Nonce | undefined {
    const place = this.#places.get(flowId)
    if (place < 0) return undefined
    return { high: this.#nonces[2 * place] as number, low: this.#nonces[2 * place + 1] as number }
  }

  /** True if the oldest may be forgotten, or there is a free place. */
  hasRoom(now: number): boolean {
    if (this.#added < this.#most) return true
    return now - (this.#timesMs[this.#added % this.#most] as number) >= this.#validMs
  }

  add(flowId: number, { high, low }: Nonce, now: number): void {
    if (this.#ids.length === 0) {
      this.#ids = new Int32Array(this.#most)
      this.#nonces = new Uint32Array(2 * this.#most)
      this.#timesMs = new Float64Array(this.#most)
    }
    const place = this.#added % this.#most
    if (this.#added >= this.#most) this.#places.delete(this.#ids[place] as number)
    this.#ids[place] = flowId | 0
    this.#nonces[2 * place] = high
    this.#nonces[2 * place + 1] = low
    this.#timesMs[place] = now
    this.#places.set(flowId, place)
    this.#added++
  }
}
