/**
 * The UDP port of a forwarded packet's origin. SOURCE has no room for it, because prototype routers leave arbitrary
 * bytes in its reserved field. So a router writes the port into an ADDRESS with two magic numbers, which the prototype
 * keeps and ignores. It counts only beside the SOURCE that it was written for.
 */
import { ADDRESS, ADDRESS_BYTES } from './format.ts'
import type { Frame } from './frame.ts'
import { read32, write16, write32 } from './numbers.ts'

/** `SERV` and `PORT` in place of ADDRESS's verno and ackno. */
const VERNO = 0x5345_5256
const ACKNO = 0x504f_5254
/** Two words in place of addresses: the port, and the origin's IPv4 address. */
const WORDS = 2
const MOST_PORT = 0xffff

export const PORT_BYTES = ADDRESS_BYTES + 4 * WORDS

/** True if the frame's ADDRESS has a router's format. Anybody can write the same. */
export const hasPort = ({ bytes, addresses, addressCount }: Frame): boolean =>
  addressCount === WORDS && read32(bytes, addresses) === VERNO && read32(bytes, addresses + 4) === ACKNO

/** Returns the port that a router wrote for the first address of SOURCE, or 0. The frame must have a SOURCE. */
export function originPort(frame: Frame): number {
  const { bytes, addresses, sources } = frame
  if (!hasPort(frame) || read32(bytes, addresses + 12) !== read32(bytes, sources)) return 0
  const port = read32(bytes, addresses + 8)
  return port <= MOST_PORT ? port : 0
}

/** Writes the ADDRESS for an origin at `at`. `out` must have room for PORT_BYTES. */
export function encodePort(ip: number, port: number, out: Uint8Array, at: number): void {
  out[at] = ADDRESS << 4
  out[at + 1] = PORT_BYTES
  write16(out, at + 2, 0)
  write32(out, at + 4, VERNO)
  write32(out, at + 8, ACKNO)
  write32(out, at + 12, port)
  write32(out, at + 16, ip)
}
