/**
 * Sequence numbers and timestamps live on a circle of 2^32 values (RFC 9293, 3.4; RFC 1982). Inside a stream every place
 * is a position on a line instead: 0 is the SYN, 1 the first byte, and it never wraps. Numbers are turned into positions
 * where they come in, and back where they go out, so nothing in between can compare them the wrong way.
 */

/** How far `to` is after `from` on the circle: negative when it is before. */
export const distance = (from: number, to: number): number => (to - from) | 0

/** The position of the number `wire` that is nearest to the position `near`. `origin` is the number of position 0. */
export const positionOf = (wire: number, origin: number, near: number): number =>
  near + ((wire - origin - near) | 0)

/** The number of a position. */
export const wireOf = (position: number, origin: number): number => (origin + position) >>> 0
