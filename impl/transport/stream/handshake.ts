/**
 * The transport part of SYN, SYN-ACK and ACK: the options both ends agree on (RFC 9293, 3.7.1; RFC 7323, 2.2 and 3.2;
 * RFC 2018, 2).
 */
import { ACK, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { type Segment, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../../spec/wire/segment.ts'

const CHECKED = TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST

/** Returns the TCP flags of a handshake packet of this kind, or -1 for other kinds. */
export function handshakeFlags(kind: number): number {
  switch (kind) {
    case SYN:
      return TCP_SYN
    case SYNACK:
      return TCP_SYN | TCP_ACK
    case ACK:
      return TCP_ACK
    default:
      return -1
  }
}

/** True if a segment has the flags of its kind. A late ACK may already carry the FIN. */
export const hasFlagsOf = (kind: number, segment: Segment): boolean =>
  (segment.flags & CHECKED & (kind === ACK ? ~TCP_FIN : -1)) === handshakeFlags(kind)

/** The options of a SYN. A SYN-ACK has those that the SYN offered. */
export interface Offer {
  readonly mss: number
  readonly windowScale: number
  readonly sackPermitted: number
  readonly hasTimestamp: number
}
