/** Who asks: the address that a packet came from, or the one that it came from before routers had it. */
import { originIp } from '../../../spec/wire/forward.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { originPort } from '../../../spec/wire/originPort.ts'
import { fromIPv4, NO_ADDRESS, portOf, SERVER_PORT } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { HostAddresses } from './hostAddresses.ts'

/** Multicast and what is above: an answer would reach many. */
const MULTICAST = 0xe000_0000
/** Below it is "this network", which is no place. */
const FIRST = 0x0100_0000

/**
 * Where the packet at hand came from first. 0: its SOURCE names a place where no single host is, so that an answer
 * would be a flood.
 */
export function originOf(frame: Frame, from: Address, addresses: HostAddresses): Address {
  if (frame.sourceCount === 0) return from
  const ip = originIp(frame)
  if (ip < FIRST || ip >= MULTICAST || addresses.broadcastsTo(ip)) return NO_ADDRESS
  return fromIPv4(ip, originPort(frame) || SERVER_PORT)
}

/** Returns the port as routers write it: 0 stands for the default. */
export const portInPacket = (address: Address): number =>
  portOf(address) === SERVER_PORT ? 0 : portOf(address)
