/**
 * Limits how many SYNs a host answers at addresses that only SOURCE names. Anybody can write any address there, and so
 * direct answers at a third host. The flow's machine sends one answer per SYN and nothing else (invariant 60), and
 * `FirstPackets` sends none that is longer than its SYN.
 */
import { originIp } from '../../../spec/wire/forward.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import type { Limits } from '../limits.ts'
import { mix } from '../random/xoshiro.ts'
import { RateLimit } from './rateLimit.ts'

/** Origins share this many limits, by a secret hash, so that a flood of names needs no memory. */
const SHARES_BITS = 10

export class Reflection {
  readonly #limits: Limits
  readonly #secret: number
  readonly #all: RateLimit
  readonly #shares: (RateLimit | undefined)[] = Array(2 ** SHARES_BITS).fill(undefined)

  constructor(limits: Limits, secret: Buffer) {
    this.#limits = limits
    this.#secret = secret.readInt32BE(0)
    this.#all = new RateLimit(limits.claimedPerSecond, limits.claimedPerSecond)
  }

  /** True if the SYN in the frame may be answered at its origin now. */
  take(frame: Frame, now: number): boolean {
    const { claimedForOnePerSecond: rate } = this.#limits
    const share = mix(originIp(frame) ^ this.#secret) >>> (32 - SHARES_BITS)
    this.#shares[share] ??= new RateLimit(rate, rate)
    return this.#shares[share].take(now) && this.#all.take(now)
  }
}
