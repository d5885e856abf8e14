/**
 * FlowIDs of a host: a secret permutation of 32 bits numbers them. The lower half of its domain is counted, so no
 * flowID repeats until the counter wraps, nobody can predict one (invariant 11), and the host can tell whether it ever
 * gave one out. The upper half is for flowIDs that follow from a hash of a SYN, whose listener keeps no state.
 */
import { halfSipHash } from '../random/halfSipHash.ts'
import type { RandomSource } from '../random/random.ts'

/** Counters are below it, hashes above. */
const HALF = 2 ** 31
/** Eight rounds, as FF3 has (NIST SP 800-38G): four would show a pattern after 2^16 flowIDs. */
const ROUNDS = 8

/** Where a host's flowIDs come from. */
export interface FlowIdSource {
  /** Returns the next flowID that no flow holds (invariants 8, 9), unsigned. */
  issue(isHeld: (flowId: number) => boolean): number
  /**
   * Returns how often the counter had begun when it gave out this flowID last: 1 before it wraps, 0 for a flowID that
   * it never gave out. A flowID has another nonce in each generation.
   */
  generationOf(flowId: number): number
  /** Returns the flowID for a hash of 31 bits, unsigned. Never a counted one. */
  derived(hash: number): number
  /** Whether some hash gives this flowID. */
  isDerived(flowId: number): boolean
}

export class FlowIds implements FlowIdSource {
  /** Two words for each round. */
  readonly #key = new Int32Array(2 * ROUNDS)
  /** The Feistel network's value of 0. XORed to all values, it maps 0 to 0: no flow has flowID 0. */
  readonly #zero: number
  #next: number
  #generation = 1

  /** Draws a key of its own: a host that kept it for its next life would give out the same flowIDs again. `next` is the first counter, 1 to 2^31 - 1. */
  constructor(random: RandomSource, next = 1) {
    random(new Uint8Array(this.#key.buffer))
    this.#zero = this.#encrypt(0)
    this.#next = next
  }

  // Flows are far fewer than counters, so this ends.
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
