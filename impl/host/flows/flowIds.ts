/**
 * A host's flowIDs: a secret permutation of 32 bits. The lower half of its domain is a counter. So no flowID repeats
 * until the counter wraps, nobody can predict one (invariant 11), and the host can tell whether it ever issued one. The
 * upper half is for flowIDs derived from the hash of a SYN, for which the listener keeps no state.
 */
import { halfSipHash } from '../random/halfSipHash.ts'
import type { RandomSource } from '../random/random.ts'

/** Counters are below this, hashes above. */
const HALF = 2 ** 31
/** Eight rounds, like FF3 (NIST SP 800-38G): four would show a pattern after 2^16 flowIDs. */
const ROUNDS = 8

/** A source of flowIDs. */
export interface FlowIdSource {
  /** Returns the next flowID that no flow holds (invariants 8, 9), unsigned. */
  issue(isHeld: (flowId: number) => boolean): number
  /**
   * Returns in which pass of the counter this flowID was last issued: 1 before the counter wraps, 0 if never. In each
   * generation a flowID has another nonce.
   */
  generationOf(flowId: number): number
  /** Returns the flowID for a hash of 31 bits, unsigned. It never equals a counted one. */
  derived(hash: number): number
  /** True if some hash gives this flowID. */
  isDerived(flowId: number): boolean
}

export class FlowIds implements FlowIdSource {
  /** Two words for each round. */
  readonly #key = new Int32Array(2 * ROUNDS)
  /** The Feistel network's value of 0. XORed to all values, it maps 0 to 0, so no flow gets flowID 0. */
  readonly #zero: number
  #next: number
  #generation = 1

  /**
   * Draws a key of its own: a host that reused its key after a restart would issue the same flowIDs again. `next` is
   * the first counter, 1 to 2^31 - 1.
   */
  constructor(random: RandomSource, next = 1) {
    random(new Uint8Array(this.#key.buffer))
    this.#zero = this.#encrypt(0)
    this.#next = next
  }

  // There are far fewer flows than counters, so this ends.
  issue(isHeld: (flowId: number) => boolean): number {
    for (;;) {
      const flowId = this.#permute(this.#next++)
      if (this.#next === HALF) {
        this.#next = 1
        this.#generation++
      }
      if (!isHeld(flowId)) return flowId
    }
  }

  generationOf(flowId: number): number {
    const counter = this.#invert(flowId)
    if (counter === 0 || counter >= HALF) return 0
    return counter < this.#next ? this.#generation : this.#generation - 1
  }

  derived(hash: number): number {
    return this.#permute((hash | HALF) >>> 0)
  }

  isDerived(flowId: number): boolean {
    return this.#invert(flowId) >= HALF
  }

  #permute(x: number): number {
    return (this.#encrypt(x) ^ this.#zero) >>> 0
  }

  #invert(flowId: number): number {
    return this.#decrypt(flowId ^ this.#zero)
  }

  #encrypt(x: number): number {
    let left = x >>> 16
    let right = x & 0xffff
    for (let round = 0; round < ROUNDS; round++) {
      const mixed = left ^ this.#round(round, right)
      left = right
      right = mixed
    }
    return ((left << 16) | right) >>> 0
  }

  #decrypt(x: number): number {
    let left = x >>> 16
    let right = x & 0xffff
    for (let round = ROUNDS - 1; round >= 0; round--) {
      const mixed = right ^ this.#round(round, left)
      right = left
      left = mixed
    }
    return ((left << 16) | right) >>> 0
  }

  /** 16 bits. */
  #round(round: number, half: number): number {
    return halfSipHash(this.#key[2 * round] as number, this.#key[2 * round + 1] as number, half) & 0xffff
  }
}
