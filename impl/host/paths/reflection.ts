/**
 * How many SYNs are answered at an address that SOURCE alone names. Anybody can name anybody there, so a host could be made
 * to send answers to a third. Each such answer is also no longer than its SYN, and nothing is sent besides: see
 * `FirstPackets` and `Engine`.
 */
import { originIp } from '../../../spec/wire/forward.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { ipOf } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { Limits } from '../limits.ts'
import { mix } from '../random/xoshiro.ts'
import { RateLimit } from './rateLimit.ts'

/** Origins share this many limits, by a secret hash: no flood of names makes a host keep more. */
const SHARES_BITS = 10

/** Whether only SOURCE says where the packet came from first. A router that keeps the IP source adds nothing to believe. */
export const isClaimed = (frame: Frame, from: Address): boolean =>
  frame.sourceCount > 0 && originIp(frame) !== ipOf(from)

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

  /** Whether the SYN in the frame may be answered at its origin now. */
  take(frame: Frame, now: number): boolean {
    const { claimedForOnePerSecond: rate } = this.#limits
    const share = mix(originIp(frame) ^ this.#secret) >>> (32 - SHARES_BITS)
    this.#shares[share] ??= new RateLimit(rate, rate)
    return this.#shares[share].take(now) && this.#all.take(now)
  }
}
