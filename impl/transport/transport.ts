/** Who drives a transport, as a transport sees it. */
export interface TransportDriver {
  /**
   * An act of the application (a write, a read that opens the window, `finish`) has left something for `send`. May be
   * called within any method that the application calls.
   */
  wake(): void

  /** The host holds as much memory as it may: what needs more of it and can come again is dropped. */
  readonly isCrowded: boolean
}

/**
 * What a flow needs of a transport, and all it knows of one. A transport is sans-I/O: bytes and the time come in as
 * arguments, packets go out through `send`. It knows no addresses, no link and nothing of SAL, so that a flow may
 * move under it.
 *
 * Who drives it calls `receive` for each packet, `expire` when `nextTimeout` has come, and after each of these (and
 * whenever its `wake` is called) `send` until it returns `at`.
 */
export interface Transport {
  /** The number in SAL's header: 6 for streams, 17 for datagrams. */
  readonly protocol: number

  /**
   * Writes the transport part of a handshake packet at `at` and returns the offset after it. `kind` is SYN, SYNACK
   * or ACK of spec/machines/flow/packets.ts. A repeated packet says the same again, but for the time in it.
   */
  writeHandshake(kind: number, out: Uint8Array, at: number, now: number): number

  /**
   * Reads the peer's part of a handshake packet. False when it is malformed: the whole packet is then dropped. An ACK may
   * have none (`start` is `end`): it says that the SYN-ACK has come, and no more.
   */
  readHandshake(kind: number, bytes: Uint8Array, start: number, end: number, now: number): boolean

  /**
   * As `readHandshake`, for a host that keeps nothing between the SYN and the ACK; of a transport that has read nothing
   * else. A SYN: what it offers is hidden in the SYN-ACK that is written next, under `mask`, 32 bits that only the host
   * knows. An ACK: with the same mask this transport becomes one that has read the SYN and written the SYN-ACK. False
   * when the packet is malformed, or when the ACK shows no such SYN-ACK.
   */
  readUnkept(kind: number, mask: number, bytes: Uint8Array, start: number, end: number, now: number): boolean

  /** Takes a packet of the flow, whose checksum is right. Never throws, whatever the bytes; keeps none of them. */
  receive(bytes: Uint8Array, start: number, end: number, now: number): void

  /**
   * Writes the next packet that may leave now at `at` and returns the offset after it; returns `at` when there is
   * none. The checksum field stays 0: the flow seals it, because only it knows the addresses.
   */
  send(out: Uint8Array, at: number, now: number): number

  /** When `expire` wants to be called, in ms on the clock of `now`. Infinity when never. */
  nextTimeout(): number

  /** Does what is due at `now`. Called too early it does nothing. */
  expire(now: number): void

  /** The path is gone: nothing is sent and no timer runs until `thaw`. */
  freeze(): void

  /**
   * There is a path again. With `fresh` it is another one, so that what was learned of the old one (round-trip time,
   * congestion) starts anew, and what is outstanding is sent again at once.
   */
  thaw(now: number, fresh: boolean): void

  /** Nothing more will be written here. */
  finish(now: number): void

  /**
   * The peer's SAL FIN has arrived. It has the peer's nonce, so the end that the transport saw is the peer's own and no
   * forgery. The peer sends it once this end has acknowledged all of its bytes and their end, so a repeated call changes
   * nothing, and a call before the transport's own end has arrived does not stand for that end.
   */
  confirmEnd(now: number): void

  /** All that was written, and the end after it, is acknowledged. Of datagrams: `finish` was called. */
  readonly finished: boolean

  /** The peer has finished, and all that it sent before has arrived and has been read. */
  readonly peerFinished: boolean

  /** Bytes of memory held, for sending and for reading. */
  readonly buffered: number

  /** Set by who drives the transport. */
  driver: TransportDriver | undefined

  /** Frees everything. Nothing is sent, taken or called from here on. */
  destroy(): void
}
