import type { Received } from './events.ts'
import type { Packet } from './packets.ts'

/** The effects of a flow, which its host carries out. */
export const flowEffects = {
  /** A packet leaves. */
  transmit: (_: unknown, _packet: Packet) => {},
  /** The retransmission timer starts again. */
  arm: () => {},
  /** The retransmission timer starts for another packet, with all its tries. */
  renew: () => {},
  /** Restarts the TIME-WAIT or FIN-WAIT-2 timer. */
  linger: () => {},
  /** The transport reads its part of the SYN-ACK. */
  readSynAck: () => {},
  /** The transport reads its part of the ACK that ends the handshake, or of the packet that replaces it. */
  readAck: () => {},
  /** The end draws a challenge, for the address that the peer has just claimed. */
  challenge: () => {},
  /** The end keeps the packet's challenge, if it carries one. */
  keep: () => {},
  /** A packet's payload goes to the transport. */
  deliver: () => {},
  /** The socket's listener decides about a SYN. */
  offerSyn: (_: unknown, _syn: Received) => {},
  /** The socket's listener decides about an ACK for a flow that does not exist. */
  offerAck: (_: unknown, _ack: Received) => {},
  /** Notifies the application. */
  notify: (_: unknown, _params: { notice: number }) => {},
}
