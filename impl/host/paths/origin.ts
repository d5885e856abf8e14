/** The origin of a packet: the address that it came from, or the one before it passed routers. */
import { originIp } from '../../../spec/wire/forward.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { originPort } from '../../../spec/wire/originPort.ts'
import { fromIPv4, NO_ADDRESS, portOf, SERVER_PORT } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { HostAddresses } from './hostAddresses.ts'

/** From here on addresses are multicast or reserved: an answer would reach many hosts. */
const MULTICAST = 0xe000_0000
/** Addresses below this are "this network", and belong to no host. */
const FIRST = 0x0100_0000

/** True if an IPv4 address may be that of a single host. */
export const mayBeHost = (ip: number): boolean => ip >= FIRST && ip < MULTICAST

/**
 * Returns the original sender of the current packet. 0 if its SOURCE names an address of no single host, to which an
 * answer could be a flood.
 */
export function originOf(frame: Frame, from: Address, addresses: HostAddresses): Address {
  if (frame.sourceCount === 0) return from
  const ip = originIp(frame)
  if (!mayBeHost(ip) || addresses.broadcastsTo(ip)) return NO_ADDRESS
  return fromIPv4(ip, originPort(frame) || SERVER_PORT)
}

/** Returns the port in a router's notation: 0 stands for the default. */
export const portInPacket = (address: Address): number =>
  portOf(address) === SERVER_PORT ? 0 : portOf(address)
