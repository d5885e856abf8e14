/** The driver of a transport, as the transport sees it. */
export interface TransportDriver {
  /**
   * A call by the application (a write, a read that opens the window, `finish`) has left work for `send`. A transport
   * may call this within any method that the application calls.
   */
  wake(): void

  /** The host is at its memory limit: a transport drops data that would need more memory and can be retransmitted. */
  readonly isCrowded: boolean
}

/**
 * The interface between a flow and its transport. A transport is sans-I/O: bytes and the time are arguments, packets
 * leave through `send`. It knows no addresses, no link and nothing of SAL, so a flow can move under it.
 *
 * The driver calls `receive` for each packet, and `expire` when `nextTimeout` is due. After each of these calls, and
 * when `wake` is called, it calls `send` until it returns `at`.
 */
export interface Transport {
  /** The protocol number in SAL's header: 6 for streams, 17 for datagrams. */
  readonly protocol: number

  /**
   * Writes the transport part of a handshake packet at `at` and returns the offset after it. `kind` is SYN, SYNACK or
   * ACK of spec/machines/flow/packets.ts. A retransmission repeats it, except for the time.
   */
  writeHandshake(kind: number, out: Uint8Array, at: number, now: number): number

  /**
   * Reads the peer's part of a handshake packet. Returns false if it is malformed; the whole packet is then dropped. An
   * ACK may lack the part (`start` equals `end`); it then only confirms the SYN-ACK.
   */
  readHandshake(kind: number, bytes: Uint8Array, start: number, end: number, now: number): boolean

  /**
   * Like `readHandshake`, for a host that keeps no state between the SYN and the ACK. The transport must have read
   * nothing else. For a SYN, hides its offer in the SYN-ACK that is written next, under `mask`: 32 bits that only the
   * host knows. For an ACK with the same mask, restores the state after the SYN and the SYN-ACK. Returns false if the
   * packet is malformed, or the ACK belongs to no such SYN-ACK.
   */
  readUnkept(kind: number, mask: number, bytes: Uint8Array, start: number, end: number, now: number): boolean

  /** Takes a packet of the flow with a valid checksum. Never throws, whatever the bytes, and keeps no reference to them. */
  receive(bytes: Uint8Array, start: number, end: number, now: number): void

  /**
   * Writes the next packet that may leave now at `at` and returns the offset after it, or `at` if there is none. Leaves
   * the checksum field 0: only the flow knows the addresses that it covers.
   */
  send(out: Uint8Array, at: number, now: number): number

  /** When to call `expire` next, in ms on the clock of `now`; Infinity for never. */
  nextTimeout(): number

  /** Does what is due at `now`; nothing if called early. */
  expire(now: number): void

  /** The path is lost: sends nothing and runs no timer until `thaw`. */
  freeze(): void

  /**
   * A path is available again. `fresh`: it is a different one, so round-trip time and congestion are measured anew, and
   * everything outstanding is sent again immediately.
   */
  thaw(now: number, fresh: boolean): void

  /**
   * Another path replaces the one in use, without an interruption. Round-trip time and congestion are measured anew. What
   * is outstanding may still arrive by the old path: one segment asks what has. If that path has fallen silent, everything is
   * sent again immediately.
   */
  change(now: number): void

  /**
   * The path may work again after an outage: whatever has timed out leaves again immediately, and the waits start anew.
   * The peer gets a sign of life, because it may be waiting as well, and must answer it if something is outstanding.
   */
  retry(now: number): void

  /** The application has finished writing. */
  finish(now: number): void

  /**
   * The peer's SAL FIN has arrived. It carries the peer's nonce, so the end that the transport saw is not forged. The
   * peer sends it once this end has acknowledged all its bytes and their end. Hence a repeated call changes nothing,
   * and a call does not replace a transport end that has yet to arrive.
   */
  confirmEnd(now: number): void

  /** True once the peer's end, and everything before it, have arrived. Always true for datagrams: SAL's FIN is their end. */
  readonly hasHeardEnd: boolean

  /** True once everything written, and the end after it, are acknowledged. For datagrams: once `finish` was called. */
  readonly finished: boolean

  /** True once the peer has finished, and everything it sent has arrived and been read. */
  readonly peerFinished: boolean

  /** Bytes of memory held for sending and reading. */
  readonly buffered: number

  /** Retransmission timeouts and probes in a row that nothing has answered; absent if it has neither. */
  readonly timeouts?: number

  /** Set by the driver. */
  driver: TransportDriver | undefined

  /** Frees everything. From now on it sends, accepts and calls nothing. */
  destroy(): void
}

/** The application above a transport. */
export interface TransportUser {
  /** There is more to read. */
  onReadable?(): void
  /** There is room again, after `write` returned false. */
  onDrain?(): void
}

/** A transport whose data may use several flows: it is the transport of the first one, and what the application uses. */
export interface SharedTransport extends Transport {
  /** True if the peer's data and its end have arrived, whether or not they have been read. */
  readonly peerHasEnded: boolean

  /** The flow of `transport`, which may be this one, is over. What it has not delivered leaves by the others. */
  leave(transport: Transport): void

  /** A backup carries data only while no other flow can. Applies to this end's data. */
  setBackup(transport: Transport, isBackup: boolean): void
}
