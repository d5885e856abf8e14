/** Limits on the length of a datagram. */

/**
 * What fits an Ethernet frame after the longer of the two IP headers (IPv6, 40 bytes) and UDP's (8), so that a flow
 * keeps its segment size when it moves between IPv4 and IPv6.
 */
export const DEFAULT_MTU = 1452

/** UDP's own limit in bytes: 65535 minus its header of 8 and IPv4's of 20 (RFC 768, RFC 791). */
export const MAX_MTU = 65507
