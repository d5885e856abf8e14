/**
 * How a router forwards the first packet of a flow, or one without a flow, whose service is elsewhere. The router keeps
 * nothing of any flow. The forwarder's machine decides whether to forward. docs/routers.md explains it.
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

/** The parts of a host that forwarding uses. */
export interface ForwardingHost {
  readonly counters: Counters
  readonly packets: Packets
  readonly places: HostAddresses
}

export class Forwarding {
  readonly #host: ForwardingHost
  readonly #draw: () => number
  readonly #secret: number

  constructor(host: ForwardingHost, random: RandomSource) {
    this.#host = host
    this.#draw = seededXoshiro128(randomUint32(random))
    this.#secret = this.#draw() | 0
  }

  /**
   * Returns a number in [0, 1) that selects among next hops. It is a keyed hash of flowID and origin instead of a
   * random number: so a repeated SYN takes the same route, as long as the rules stay, without any state.
   */
  pick(isFlow: boolean, { srcFlow }: Frame, origin: Address): number {
    if (!isFlow) return (this.#draw() >>> 0) / 2 ** 32
    const place = mix(Math.floor(origin / 2 ** 16) ^ this.#secret) ^ origin
    return (mix(mix(srcFlow ^ this.#secret) ^ place) >>> 0) / 2 ** 32
  }

  /**
   * True if the current packet, which `origin` sent first, has been here or at `next` before. Earlier routers are
   * identified by IP address alone.
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

  /** Forwards the packet from `from` to this host's `to` on to `next`. Returns false, and counts why, if it cannot. */
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
