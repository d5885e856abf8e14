/**
 * The UDP port of a forwarded packet's origin. SOURCE has no room for it, because prototype routers leave arbitrary
 * bytes in its reserved field. So a router writes the port into the negotiation (negotiation.ts), or adds one for it. It
 * counts only beside the SOURCE that it was written for.
 */
import { ADDRESS, ADDRESS_BYTES } from './format.ts'
import type { Frame } from './frame.ts'
import { FIRST_WORD, NEGOTIATION_ACKNO, NEGOTIATION_VERNO, ORIGIN } from './negotiation.ts'
import { read16, read32, write16, write32 } from './numbers.ts'

/** An ADDRESS with version, no capabilities, and the origin's two words. */
export const PORT_BYTES = ADDRESS_BYTES + 4 * 3

/** True if the frame has room for the origin, or a router has written it. Anybody can write the same. */
export const hasPort = ({ origin }: Frame): boolean => origin >= 0

/** Returns the port that a router wrote for the first address of SOURCE, or 0. The frame must have a SOURCE. */
export function originPort({ bytes, origin, sources }: Frame): number {
  if (origin < 0 || read32(bytes, origin + 4) !== read32(bytes, sources)) return 0
  return read16(bytes, origin + 2)
}

/** Writes a negotiation for an origin at `at`. `out` must have room for PORT_BYTES. */
export function encodePort(ip: number, port: number, out: Uint8Array, at: number): void {
  out[at] = ADDRESS << 4
  out[at + 1] = PORT_BYTES
  write16(out, at + 2, 0)
  write32(out, at + 4, NEGOTIATION_VERNO)
  write32(out, at + 8, NEGOTIATION_ACKNO)
  write32(out, at + 12, FIRST_WORD)
  write32(out, at + 16, ORIGIN * 2 ** 24 + 2 ** 16)
  replacePort(ip, port, out, at + 16)
}

/** Writes an origin where the packet has room for one. */
export function replacePort(ip: number, port: number, out: Uint8Array, at: number): void {
  write16(out, at + 2, port)
  write32(out, at + 4, ip)
}
