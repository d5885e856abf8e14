/** What a host has seen, by cause: every packet is taken, or counted here as dropped. */
export class Counters {
  received = 0
  sent = 0
  /** Not a packet of the format, or one whose flags mean nothing. */
  malformed = 0
  /** The transport part's checksum is wrong, or the transport refuses it. */
  corrupt = 0
  /** To a flowID that nobody has. */
  strangers = 0
  /** Of those, packets to a flowID that this host never gave out: they get no answer, which would tell its nonce. */
  unissued = 0
  /** Packets that are shorter than their answer, which they do not get: no host makes a flood larger. */
  outgrown = 0
  /** RSTs that the limit kept back. */
  unanswered = 0
  /** SYNs that a limit kept from being answered at an address that only SOURCE names. */
  unreflected = 0
  /** SYNs for services that nobody here listens to. */
  unserved = 0
  /** SYNs for which a listener, or the host, had no room. */
  refused = 0
  /** SYNs that were answered without keeping anything, because a listener's backlog was half full. */
  answered = 0
  /** Flows that the ACKs of such clients have made. */
  confirmed = 0
  /** Flows that left TIME-WAIT early, because as many as may be were in it. */
  evicted = 0
  /** Rightly formed, and of no use to its flow in its state: repeated, late, forged. */
  ignored = 0
  /** Sent on, to where the service is looked for next. */
  forwarded = 0
  /** Not sent on: it was here already, or was already where it would go. */
  looped = 0
  /** Not sent on, or not answered: it went through as many routers as it may, or as SOURCE has room for. */
  hopsSpent = 0
  /** Not sent on: SOURCE has room for IPv4 addresses only. */
  unsourced = 0
  /** Not sent on, or not answered: no address of this host reaches there. */
  unreachable = 0
  /** Not sent on: with SOURCE it would be longer than the link carries, or have too many extensions. */
  tooLong = 0
  /** Dropped because the service's rule says so. */
  denied = 0
  /** Messages to a client that arrived before the instance had proved its key. */
  unproved = 0
  /** Waited until somebody knows where the service is. */
  delayed = 0
  /** Dropped because as much waits as may. */
  delayFull = 0
  /** Dropped while it waited, because another one of a source with fewer had no place. */
  crowdedOut = 0
  /** Dropped after it had waited: still nobody knew. */
  delayedAgain = 0
  /** Dropped while it waited: there is no such service, nobody said so in time, or who was asked is gone. */
  purged = 0
  /** What a move takes, sent to where its receiver is now: it is a rendezvous. */
  relayed = 0
  /** Not sent there: nobody has said where that is, or it is nothing that a move takes. */
  notRelayed = 0
  /** Hosts' word for where they are that was not taken: it was late, or not theirs to give. */
  notBound = 0
  /** Asked of many at once for a service that is not here, or nothing that may be asked so. */
  notMeant = 0
  /** Exceptions that ended one packet, one timer or one flow: faults of this program, or of a transport that it was given. */
  faults = 0
  /** Retransmissions of control packets. */
  repeated = 0
}
