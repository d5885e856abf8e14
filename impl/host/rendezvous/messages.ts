/**
 * Messages between hosts and a rendezvous: datagrams without a connection to the service `serval/rendezvous`. An
 * announcement and its answers have the same format; a packet to relay follows the address it is for. docs/routers.md
 * shows both.
 */
import { at } from '../../../checker/text/at.ts'
import { read16, read32, write16, write32 } from '../../../spec/wire/numbers.ts'
import { fromIPv4, ipOf, portOf } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import { serviceIdOf } from '../services/serviceId.ts'

export const RENDEZVOUS_SERVICE = serviceIdOf('serval/rendezvous')

/** Announces the current address of the host that was, or is, at `home`. */
export const BIND = 1
/** Asks to relay a packet to the host that was at an address. */
export const RELAY = 2
/** Asks the host to prove that it is at the address, by repeating the message from there with this token. */
export const SHOW = 3
/** The binding holds for this long. */
export const BOUND = 4
/** Nothing has changed; `reason` is one of spec/machines/rendezvous. */
export const REFUSED = 5

/** An answer is never longer than the message that it answers (invariant 54). */
export const MESSAGE_BYTES = 32
/** The length before the packet to relay. */
export const RELAY_BYTES = 20

export interface Message {
  readonly kind: number
  readonly reason: number
  readonly version: number
  /** 48 secret bits of the host. */
  readonly holder: number
  /** The address that the binding is for; IPv4. */
  readonly home: Address
  /** 64 bits as two numbers: what the rendezvous sent to `home`. */
  readonly tokenHigh: number
  readonly tokenLow: number
  readonly leaseMs: number
}

export const NO_MESSAGE: Message = {
  ...{ kind: 0, reason: 0, version: 0, holder: 0, home: 0, tokenHigh: 0, tokenLow: 0, leaseMs: 0 },
}

const HALF = 2 ** 32

export function encodeMessage(message: Message): Uint8Array {
  const out = new Uint8Array(MESSAGE_BYTES)
  out[0] = message.kind
  out[1] = message.reason
  write32(out, 4, message.version)
  write16(out, 8, Math.floor(message.holder / HALF))
  write32(out, 10, message.holder % HALF)
  writeHome(out, message.home)
  write32(out, 20, message.tokenHigh)
  write32(out, 24, message.tokenLow)
  write32(out, 28, message.leaseMs)
  return out
}

/** Returns undefined for a message that is too short. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length < MESSAGE_BYTES) return undefined
  return {
    kind: at(bytes, 0),
    reason: at(bytes, 1),
    version: read32(bytes, 4),
    holder: read16(bytes, 8) * HALF + read32(bytes, 10),
    home: homeOf(bytes),
    tokenHigh: read32(bytes, 20),
    tokenLow: read32(bytes, 24),
    leaseMs: read32(bytes, 28),
  }
}

export function encodeRelay(home: Address, packet: Uint8Array): Uint8Array {
  const out = new Uint8Array(RELAY_BYTES + packet.length)
  out[0] = RELAY
  writeHome(out, home)
  out.set(packet, RELAY_BYTES)
  return out
}

/** Returns the destination of the packet in a message of at least `RELAY_BYTES`. */
export const homeOf = (bytes: Uint8Array): Address => fromIPv4(read32(bytes, 14), read16(bytes, 18))

function writeHome(out: Uint8Array, home: Address): void {
  write32(out, 14, ipOf(home))
  write16(out, 18, portOf(home))
}
