/**
 * What a router does with the first packet of a flow, or one without a flow, whose service is elsewhere: it is sent on,
 * and forgotten. Nothing is kept of any flow. Whether it may be, the forwarder's machine says. docs/routers.md tells it.
 */
import type { Frame } from '../../../spec/wire/frame.ts'
import { read32 } from '../../../spec/wire/numbers.ts'
import { ipOf, isIPv4 } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { Counters } from '../counters.ts'
import type { Packets } from '../packets/packets.ts'
import { type RandomSource, randomUint32 } from '../random/random.ts'
import { mix, seededXoshiro128 } from '../random/xoshiro.ts'
import type { HostAddresses } from './hostAddresses.ts'

export interface Surroundings {
  readonly counters: Counters
  readonly packets: Packets
  readonly places: HostAddresses
}

export class Forwarding {
  readonly #host: Surroundings
  readonly #draw: () => number
  readonly #secret: number

  constructor(host: Surroundings, random: RandomSource) {
    this.#host = host
    this.#draw = seededXoshiro128(randomUint32(random))
    this.#secret = this.#draw() | 0
  }

  /**
   * In [0, 1): which of several next hops. A flow's SYN that is repeated goes where it went before, as long as the rules
   * stay, though nothing is kept of it: flowID and origin stand for the chance, with a secret.
   */
  pick(isFlow: boolean, { srcFlow }: Frame, origin: Address): number {
    if (!isFlow) return (this.#draw() >>> 0) / 2 ** 32
    const place = mix(Math.floor(origin / 2 ** 16) ^ this.#secret) ^ origin
    return (mix(mix(srcFlow ^ this.#secret) ^ place) >>> 0) / 2 ** 32
  }

  /**
   * Whether the packet at hand, which `origin` sent first, was here already, or would go where it was already. Those who
   * forwarded it are known by IP address alone.
   */
  isVisited(frame: Frame, origin: Address, next: Address): boolean {
    const { places } = this.#host
    if (origin === next || places.isOwn(next) || places.isOwn(origin)) return true
    const nextIp = ipOf(next)
    for (let i = 1; i < frame.sourceCount; i++) {
      const ip = read32(frame.bytes, frame.sources + 4 * i)
      if (ip === nextIp || places.hasIp(ip)) return true
    }
    return false
  }

  /** Sends the packet from `from` to this host's `to` on to `next`. Returns false, and counts why, if it cannot. */
  send(frame: Frame, from: Address, to: Address, next: Address): boolean {
    const { counters, places, packets } = this.#host
    const leaving = places.towards(next)
    if (!isIPv4(from) || !isIPv4(to) || !isIPv4(next)) counters.unsourced++
    else if (leaving === 0) counters.unreachable++
    else if (!packets.forward(frame, from, to, next, leaving)) counters.tooLong++
    else {
      counters.forwarded++
      return true
    }
    return false
  }
}
