/**
 * Sequence numbers and timestamps live on a circle of 2^32 values (RFC 9293, 3.4; RFC 1982). Inside a stream every
 * place is a position on a line instead: 0 is the SYN, 1 the first byte, and it never wraps. Numbers become positions
 * on input, and numbers again on output, so the code between cannot compare them incorrectly.
 */

/** Returns how far `to` is after `from` on the circle; negative if before. */
export const distance = (from: number, to: number): number => (to - from) | 0

/** Returns the position of the number `wire` nearest to the position `near`. `origin` is the number of position 0. */
export const positionOf = (wire: number, origin: number, near: number): number =>
  near + ((wire - origin - near) | 0)

/** Returns the number of a position. */
export const wireOf = (position: number, origin: number): number => (origin + position) >>> 0
