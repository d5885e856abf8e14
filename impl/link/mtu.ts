/** How long a datagram may be. */

/**
 * Bytes in one Ethernet frame after the longer of the two IP headers (IPv6, 40) and UDP's (8), so that a flow keeps
 * its segment size when it moves between IPv4 and IPv6.
 */
export const DEFAULT_MTU = 1452

/** Bytes: UDP's own bound, 65535 with its header of 8 and IPv4's of 20 taken off (RFC 768, RFC 791). */
export const MAX_MTU = 65507
