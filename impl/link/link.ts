/**
 * What carries datagrams between hosts. A link is as unreliable as IP: it may lose, repeat, reorder. What it delivers
 * came from `from` to `to` in one piece, as far as the network below knows.
 */

/**
 * Where a host can be reached: an IP address and a port, as one opaque number. Two are the same place exactly when
 * they are the same number. 0 is none. Only address.ts looks inside.
 */
export type Address = number

export interface Datagram {
  readonly from: Address
  readonly to: Address
  readonly bytes: Uint8Array
  /** Of a link that wants to know: false, until who has received it needs neither it nor its bytes any more. */
  isSpent?: boolean
}

/**
 * Ownership: datagrams and their bytes go over to the link with `send`, and to the listener with `receive`; who gave
 * them away never touches them again, unless `send` gives them back. The array around them does not go over: it is
 * valid during the call only.
 */
export interface Link {
  /** The largest datagram that is carried, in bytes. A longer one is dropped and counted. */
  readonly mtu: number
  /** The local addresses that are here now, best first. */
  addresses(): readonly Address[]
  /**
   * Never throws, never waits, never delivers before it returns. Datagrams of one batch between one pair of addresses
   * leave in order. Dropped and counted: too long ones, those from an address that is not here, all after the close.
   * True: the link is done with all bytes that it was ever given, and who gave them may use them again.
   */
  send(batch: readonly Datagram[]): boolean
  /** One listener; the last one set counts. Batches are never empty. */
  receive(listener: (batch: readonly Datagram[]) => void): void
  /** One listener, called after the set of addresses has changed, with what it is now. */
  changed(listener: (addresses: readonly Address[]) => void): void
  /**
   * From now on delivers what is sent to a broadcast address as well, with that as `to`, and carries what is sent there.
   * Only of links that can.
   */
  hear?(broadcast: Address): void | Promise<void>
  /** Gives the addresses back. Nothing is delivered after the call, even before the promise resolves. */
  close(): Promise<void>
}
