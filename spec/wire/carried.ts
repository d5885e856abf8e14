/** Packets that a relay carries: unchanged but for the sender's address, where the sender has left room for it. */
import { CHECK_OFFSET } from './format.ts'
import type { Frame } from './frame.ts'
import { read16, read32, write16 } from './numbers.ts'
import { replacePort } from './originPort.ts'
import { seal } from './sum.ts'

/**
 * Writes the packet of `frame` at `at` (a multiple of 4), with the sender's IPv4 address and UDP port in its origin if it has one.
 * Returns the offset after the packet.
 */
export function encodeCarried(frame: Frame, ip: number, port: number, out: Uint8Array, at: number): number {
  const { bytes, start, payload, end, origin } = frame
  out.set(bytes.subarray(start, end), at)
  if (origin >= 0) {
    replacePort(ip, port, out, at + origin - start)
    write16(out, at + CHECK_OFFSET, 0)
    seal(out, at, at + payload - start, at + CHECK_OFFSET, 0)
  }
  return at + end - start
}

/** Returns the IPv4 address that a relay has written into a packet; 0 for none. */
export const carriedIp = ({ bytes, origin, sourceCount }: Frame): number =>
  origin < 0 || sourceCount > 0 ? 0 : read32(bytes, origin + 4)

/** Returns the UDP port of that address. */
export const carriedPort = ({ bytes, origin }: Frame): number => read16(bytes, origin + 2)
