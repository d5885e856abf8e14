/**
 * Carries datagrams between hosts. Like IP, a link may lose, duplicate and reorder datagrams. A delivered datagram came
 * from `from` to `to` in one piece, as far as the network below can tell.
 */

/**
 * Where a host can be reached: an IP address and a port in one opaque number. Two addresses are equal exactly if their
 * numbers are. 0 means none. Only address.ts looks inside.
 */
export type Address = number

/** The unit that a link carries: bytes from one address to another. */
export interface Datagram {
  readonly from: Address
  readonly to: Address
  readonly bytes: Uint8Array
  /** Present if the link reuses datagrams: false until the receiver needs neither the object nor its bytes any more. */
  isSpent?: boolean
}

/**
 * Ownership: `send` passes datagrams and their bytes to the link, `receive` passes them to the listener. The previous
 * owner must not touch them again, unless `send` returns them. The array around them is valid only during the call.
 */
export interface Link {
  /** The longest datagram in bytes. A longer one is dropped and counted. */
  readonly mtu: number
  /** The current local addresses, best first. */
  addresses(): readonly Address[]
  /**
   * Never throws, never waits, never delivers before it returns. The datagrams of a batch between one pair of addresses
   * leave in order. Drops and counts datagrams that are too long, come from an address that is not local, or are sent
   * after close. Returns true if the link is done with all bytes it was ever given, so that the sender may reuse them.
   */
  send(batch: readonly Datagram[]): boolean
  /** Sets the one listener. Batches are never empty. */
  receive(listener: (batch: readonly Datagram[]) => void): void
  /** Sets the one listener for changes of the local addresses; it receives the new set. */
  changed(listener: (addresses: readonly Address[]) => void): void
  /**
   * Also delivers datagrams sent to a broadcast address, with that address as `to`, and carries datagrams sent there.
   * Absent on links without broadcast.
   */
  hear?(broadcast: Address): void | Promise<void>
  /** Frees the addresses. Nothing is delivered after the call, even before the promise resolves. */
  close(): Promise<void>
}

/** Time as links see it, virtual or real: the current time, and a way to run something later. */
export interface Clock {
  /** Milliseconds since an arbitrary origin. */
  readonly now: number
  /** Runs a function once at this time, never before `at` returns. Functions of one time run in order of insertion. */
  at(timeMs: number, run: () => void): void
}

/**
 * What fits an Ethernet frame after the longer of the two IP headers (IPv6, 40 bytes) and UDP's (8), so that a flow
 * keeps its segment size when it moves between IPv4 and IPv6.
 */
export const DEFAULT_MTU = 1452

/**
 * The longest datagram between two programs of one machine, in bytes: a packet of 16 KiB after the same headers. The loopback
 * device carries 64 KiB, but four times fewer packets save little more, and take more memory at once.
 */
export const LOCAL_MTU = 16_384 - 40 - 8

/** UDP's own limit in bytes: 65535 minus its header of 8 and IPv4's of 20 (RFC 768, RFC 791). */
export const MAX_MTU = 65507
