/** Translates between flags and extensions on the wire and the machines' kinds of packets. */
import { ACK, DATA, FIN, RST, RSYN, RSYNACK, SYN, SYNACK } from '../machines/flow/packets.ts'
import { WIRE_FAULT } from './faults.ts'
import { FLAG_ACK, FLAG_FIN, FLAG_RST, FLAG_RSYN, FLAG_SYN } from './format.ts'
import type { Frame } from './frame.ts'

/**
 * Returns the kind of a packet, numbered as in spec/machines/flow/packets.ts; or a negated WIRE_FAULT, FLAGS or
 * NAMELESS. A packet without CONTROL is DATA, also if it names services: then it is a datagram without a connection.
 */
export function kindOf({ flags, service }: Frame): number {
  switch (flags) {
    case 0:
      return DATA
    case FLAG_SYN:
      return service < 0 ? -WIRE_FAULT.NAMELESS : SYN
    case FLAG_SYN | FLAG_ACK:
      return SYNACK
    case FLAG_ACK:
      return ACK
    case FLAG_RSYN:
    case FLAG_RSYN | FLAG_FIN:
      return RSYN
    case FLAG_RSYN | FLAG_ACK:
    // The prototype's answer to a RSYN when its own FIN is unacknowledged.
    case FLAG_RSYN | FLAG_ACK | FLAG_FIN:
      return RSYNACK
    // Every control packet has an ackno, with or without the flag ACK.
    case FLAG_FIN:
    case FLAG_FIN | FLAG_ACK:
      return FIN
    case FLAG_RST:
    case FLAG_RST | FLAG_ACK:
      return RST
    default:
      return -WIRE_FAULT.FLAGS
  }
}

/** Returns 1 if a RSYN or RSYN-ACK carries a FIN, else 0: the machine's `fin`. */
export const finOf = ({ flags }: Frame): number =>
  (flags & (FLAG_RSYN | FLAG_FIN)) === (FLAG_RSYN | FLAG_FIN) ? 1 : 0

/** Returns the flags that the prototype sends with this kind; 0 for DATA. `fin` is that of a RSYN. */
export function flagsOf(kind: number, fin: number): number {
  switch (kind) {
    case SYN:
      return FLAG_SYN
    case SYNACK:
      return FLAG_SYN | FLAG_ACK
    case ACK:
      return FLAG_ACK
    case RSYN:
      return fin === 0 ? FLAG_RSYN : FLAG_RSYN | FLAG_FIN
    case RSYNACK:
      return fin === 0 ? FLAG_RSYN | FLAG_ACK : FLAG_RSYN | FLAG_ACK | FLAG_FIN
    case FIN:
      return FLAG_FIN
    case RST:
      return FLAG_RST | FLAG_ACK
    default:
      return 0
  }
}
