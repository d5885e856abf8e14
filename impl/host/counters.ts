/** Counts of a host by cause: every packet is either accepted, or counted here as dropped. */
export class Counters {
  received = 0
  sent = 0
  /** Not a valid packet, or one with meaningless flags. */
  malformed = 0
  /** Empty datagrams, with which other stacks find out whether anyone has this port. */
  knocks = 0
  /** The checksum of the transport part is wrong, or the transport refuses it. */
  corrupt = 0
  /** Sent to a flowID without a flow. */
  strangers = 0
  /**
   * Among them, packets to a flowID that may be that of a stateless answer, which its client has yet to confirm. The host
   * does not answer them.
   */
  unissued = 0
  /** Packets shorter than their answer, which the host does not send: it must not amplify floods. */
  outgrown = 0
  /** RSTs suppressed by the rate limit. */
  unanswered = 0
  /** SYNs that a limit left unanswered, because only SOURCE names their origin. */
  unreflected = 0
  /** SYNs for services without a listener here. */
  unserved = 0
  /** SYNs for which the listener or the host had no room. */
  refused = 0
  /** SYNs answered statelessly, because the listener's backlog was half full. */
  answered = 0
  /** Flows created by the ACKs of such clients. */
  confirmed = 0
  /** Flows that left TIME-WAIT early because of its limit. */
  evicted = 0
  /** Valid, but of no use to the flow in its state: duplicate, late, forged. */
  ignored = 0
  /** Forwarded towards the service. */
  forwarded = 0
  /** Not forwarded: the packet has already been here, or at the next hop. */
  looped = 0
  /** Not forwarded or answered: the packet has passed as many routers as allowed, or as SOURCE can list. */
  hopsSpent = 0
  /** Not forwarded: SOURCE holds only IPv4 addresses. */
  unsourced = 0
  /** Not forwarded or answered: no address of this host reaches the destination. */
  unreachable = 0
  /** Not forwarded: with SOURCE the packet would exceed the link's limit, or have too many extensions. */
  tooLong = 0
  /** Dropped by the service's rule. */
  denied = 0
  /** Messages to a client that arrived before the instance had proved its key. */
  unproved = 0
  /** Waited for a controller's answer about the service. */
  delayed = 0
  /** Dropped because the delay queue was full. */
  delayFull = 0
  /** Evicted from the delay queue in favour of a source with fewer packets there. */
  crowdedOut = 0
  /** Dropped after waiting once: the service is still unknown. */
  delayedAgain = 0
  /** Dropped while waiting: the service does not exist, no answer came in time, or the controller is gone. */
  purged = 0
  /** Packets of moves that this rendezvous relayed. */
  relayed = 0
  /** Not relayed: the receiver's address is unknown, or the packet belongs to no move. */
  notRelayed = 0
  /** Packets of flows that this relay carried. */
  carried = 0
  /** Not carried: from an address that is not connected to the relay, too long, or beyond the relay's limits. */
  notCarried = 0
  /** Announcements of a host's address that were refused: stale, or for an address that is not the host's. */
  notBound = 0
  /** Broadcast packets for services that are not here, or of a kind that must not be broadcast. */
  notMeant = 0
  /** Exceptions that ended one packet, timer or flow: bugs of this program or of a given transport. */
  faults = 0
  /** Flows announced from the same address, because a translator may have forgotten them. */
  announced = 0
  /** Retransmissions of control packets. */
  repeated = 0
}
