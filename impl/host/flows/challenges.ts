/**
 * The challenges of a flow's moves (RFC 9000, 8.2): the one that this end drew for its peer's newest address, and the one
 * that it got at its own. The machine only asks whether there is one; the bits are here.
 */

import type { Frame } from '../../../spec/wire/frame.ts'
import type { Challenge } from '../../../spec/wire/negotiation.ts'
import { read32 } from '../../../spec/wire/numbers.ts'
import { type RandomSource, randomUint32 } from '../random/random.ts'

const NONE: Challenge = { high: 0, low: 0 }

/** The challenges of a flow. A challenge that was never drawn is zero, and no packet returns it. */
export class Challenges {
  #drawn = NONE
  #kept = NONE

  /** The challenge for the peer's newest address. */
  get drawn(): Challenge {
    return this.#drawn
  }

  /** The peer's challenge for this end's newest address. */
  get kept(): Challenge {
    return this.#kept
  }

  /** Draws a new one: the peer claims another address. */
  draw(random: RandomSource): void {
    this.#drawn = { high: randomUint32(random), low: randomUint32(random) }
  }

  /** Keeps the packet's challenge, if it has one. */
  keep({ bytes, challenge }: Frame): void {
    if (challenge >= 0) this.#kept = { high: read32(bytes, challenge), low: read32(bytes, challenge + 4) }
  }

  /** Whether the packet returns the challenge that was drawn last. Before the first draw nothing does. */
  isReturned({ bytes, echo }: Frame): boolean {
    return (
      echo >= 0 &&
      this.#drawn !== NONE &&
      read32(bytes, echo) === this.#drawn.high &&
      read32(bytes, echo + 4) === this.#drawn.low
    )
  }
}

/** Those of a flow that has not moved: a repeated RSYN of an earlier version still gets an answer. */
export const NO_CHALLENGES = new Challenges()
