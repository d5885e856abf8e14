/**
 * FlowIDs and nonces of confirmed stateless answers. A repeated ACK must not make a second flow while its answer is valid
 * (invariant 3), so none is forgotten before; afterwards the oldest make room. Until then the host knows that it issued
 * these flowIDs, and answers for flows that are gone (invariant 2).
 */
import { FlowTable } from './flowTable.ts'
import type { Nonce } from './nonces.ts'

export class Confirmed {
  readonly #most: number
  readonly #validMs: number
  /** By flowID: its place in the ring. */
  readonly #places = new FlowTable()
  #ids = new Int32Array(0)
  /** Of each place, its high and its low half. */
  #nonces = new Uint32Array(0)
  #timesMs = new Float64Array(0)
  /** How many were ever added. */
  #added = 0

  /** Remembers at most `most`, each for `validMs` at least. */
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

  /** Returns the nonce of the flow that has, or had, this flowID; undefined if it is not remembered. */
  nonceOf(flowId: number): Nonce | undefined {
    const place = this.#places.get(flowId)
    if (place < 0) return undefined
    return { high: this.#nonces[2 * place] as number, low: this.#nonces[2 * place + 1] as number }
  }

  /** Whether one more can be remembered without forgetting one that must not be forgotten yet. */
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
