/** A flow that began through a relay, at one of its ends. */
import { carriedIp, carriedPort } from '../../../spec/wire/carried.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { fromIPv4, NO_ADDRESS } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import { mayBeHost } from '../paths/origin.ts'

/** The wait before the first attempt to leave the relay, ms: flows that end sooner are not worth one. */
export const FIRST_PUNCH_MS = 200

export class Relayed {
  /** The relay's address. */
  readonly via: Address
  /** Its current move leads away from the relay: the relay tells the peer where this end is. */
  isPunching = false
  /** It moves because its peer does. */
  isFollowing = false
  /** The address from which it leaves the relay. */
  leaving: Address = NO_ADDRESS
  /** When its last move began, ms. */
  movedMs = -Infinity
  /** The wait before the next attempt, ms. */
  waitMs = FIRST_PUNCH_MS

  constructor(via: Address) {
    this.via = via
  }
}

/** True if a packet that came from this host's relay was carried from elsewhere, and names the sender. */
export const isCarried = (frame: Frame, from: Address, { relay }: HostAddresses): boolean =>
  from === relay && carriedIp(frame) !== 0

/**
 * Returns where the relay saw the sender of a packet. NO_ADDRESS if an answer there could reach many hosts, `via` if the relay has
 * not written it.
 */
export function carriedFrom(frame: Frame, via: Address, places: HostAddresses): Address {
  const ip = carriedIp(frame)
  if (ip === 0) return via
  if (!mayBeHost(ip) || places.broadcastsTo(ip)) return NO_ADDRESS
  return fromIPv4(ip, carriedPort(frame))
}
