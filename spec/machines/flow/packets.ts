/** The kinds of packets, with their numbers in models and recorded steps. On the wire they are combinations of flags. */
export const SYN = 1
export const SYNACK = 2
export const ACK = 3
export const RSYN = 4
export const RSYNACK = 5
export const FIN = 6
export const RST = 7
export const DATA = 8

/** Kinds by number; index 0 is unused. */
export const KINDS = ['', 'SYN', 'SYNACK', 'ACK', 'RSYN', 'RSYNACK', 'FIN', 'RST', 'DATA'] as const

/**
 * A packet as the machine sees it. Addresses, flowIDs and nonces are only ever compared and copied.
 * `fin` marks a RSYN that also carries a FIN not yet acknowledged; `service` asks for the SERVICE extension.
 * DATA has flowIDs and addresses only: its `verno`, `ackno` and `nonce` mean nothing on the wire.
 *
 * A packet of the handshake names `capabilities`; 0 means that it has no negotiation. If `tells` is 1, it tells the sender's
 * reset token, which only the host knows. DATA shows under which capabilities it is sent.
 *
 * `challenge` 1: carries the challenge that the sender drew for the newest address of its peer. `echo` 1: returns the
 * challenge that the receiver drew. `joins` 1: proves the keys of the connection that the flow joins.
 */
export interface Packet {
  readonly kind: number
  readonly verno: number
  readonly ackno: number
  readonly nonce: number
  readonly fin: number
  readonly service: number
  readonly srcFlow: number
  readonly dstFlow: number
  readonly from: number
  readonly to: number
  readonly capabilities: number
  readonly tells: number
  readonly challenge: number
  readonly echo: number
  readonly joins: number
}
