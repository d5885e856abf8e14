/** One flow's registers. Zero stands for "none" in flowIDs, nonces and addresses. */
export interface Registers {
  /** Values on the circle of version numbers: 2^32 in the stack, few in a model. Constant for a flow's life. */
  readonly space: number
  readonly localFlow: number
  readonly peerFlow: number
  readonly localNonce: number
  readonly peerNonce: number
  /** What the peer has told for a RST after it has forgotten the flow; 0 for none. */
  readonly peerToken: number
  /** This end's address, in use. */
  readonly local: number
  /** The peer's address, proved reachable (or where the SYN went, until someone answers). */
  readonly peer: number
  /** The address to which this end moves: set from RSYN until RSYN-ACK. */
  readonly nextLocal: number
  /** The address that the peer claims, not yet proved: set from its RSYN until its ACK arrives from there. */
  readonly nextPeer: number
  /** The peer's address before the last one, from which data may still be under way; only with MAKE_BEFORE_BREAK. */
  readonly formerPeer: number
  /** The version that the next SYN, RSYN or FIN will consume. */
  readonly sndNxt: number
  /** The version expected next from the peer; sent as ackno in every control packet but the SYN. */
  readonly rcvNxt: number
  /** Packets that may still be sent to an address that has not been proved: three for each one received from it. */
  readonly credit: number
  /** 1: only SOURCE says where the SYN came from. In RESPOND `credit` then counts the timer alone, and pays for nothing. */
  readonly claimed: number
  /** A set of capabilities (capabilities.ts): what the SYN offers; once the peer has answered, what both ends have. */
  readonly capabilities: number
  /** 1: this end has the peer's challenge for the address of its newest move, and returns it in each proof. */
  readonly held: number
  /**
   * 1: the flow joins a connection, and its peer has not shown yet that it has the proof of the connection's keys. Until
   * then every control packet carries the proof.
   */
  readonly joins: number
  /** The obligations for which the retransmission timer runs: a set of OWES_ bits. The timer runs exactly while it is not empty. */
  readonly owed: number
}

/** A SYN, SYN-ACK or FIN is unacknowledged; the connection state tells which. */
export const OWES_CONTROL = 1
/** A RSYN or RSYN-ACK is unacknowledged; the migration state tells which. */
export const OWES_MOVE = 2
/** The ACK that completes a move's exchange is repeated until the peer shows that it has it. */
export const OWES_PROOF = 4
/** The same for the ACK that completes the handshake. It is repeated in its first form, which names the service. */
export const OWES_HANDSHAKE = 8

/** An unproved address gets at most three packets for each that came from it (RFC 9000, 8.1); one is the answer itself. */
export const CREDIT_AFTER_ANSWER = 2

/** The version circle of real flows. */
export const VERNO_SPACE = 2 ** 32

export const initialRegisters: Registers = {
  space: VERNO_SPACE,
  localFlow: 0,
  peerFlow: 0,
  localNonce: 0,
  peerNonce: 0,
  peerToken: 0,
  local: 0,
  peer: 0,
  nextLocal: 0,
  nextPeer: 0,
  formerPeer: 0,
  sndNxt: 0,
  rcvNxt: 0,
  credit: 0,
  claimed: 0,
  capabilities: 0,
  held: 0,
  joins: 0,
  owed: 0,
}

/** Registers that are identifiers: lowering rejects any use of them but comparison and copying. */
export const opaqueRegisters = [
  'localFlow',
  'peerFlow',
  'localNonce',
  'peerNonce',
  'peerToken',
  'local',
  'peer',
  'nextLocal',
  'nextPeer',
  'formerPeer',
] as const
