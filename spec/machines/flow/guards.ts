/**
 * The guards of a flow, each one condition on registers and event. The machine combines them, where the combinations
 * are visible.
 */
import { and, not, or, stateIn } from 'xstate'
import { challenges, overlaps } from './capabilities.ts'
import type { FlowEvent, Received } from './events.ts'
import { OWES_CONTROL, OWES_HANDSHAKE, OWES_PROOF, type Registers } from './registers.ts'
import { next, notBefore } from './serial.ts'

interface Args {
  readonly context: Registers
  readonly event: Received
}

interface Here {
  readonly context: Registers
  readonly event: Extract<FlowEvent, { type: 'SEND' | 'GIVEUP' }>
}

export const guards = {
  /** Sent by this flow's peer: has its flowID, and the nonce that nobody off the path knows (invariant 10). */
  authentic: ({ context, event }: Args) =>
    event.nonce === context.peerNonce && event.srcFlow === context.peerFlow,

  /** The peer has forgotten this flow, and proves with its token that it is the peer. No packet has the nonce 0. */
  forgotten: ({ context, event }: Args) =>
    event.nonce === context.peerToken && event.srcFlow === context.peerFlow,

  /** Acknowledges everything that this end has sent. With one control packet outstanding at a time, nothing less counts. */
  acknowledges: ({ context, event }: Args) => event.ackno === context.sndNxt,

  /** A version not yet consumed. It may skip some: a control packet carries all obligations of those it overrides. */
  fresh: ({ context, event }: Args) => notBefore(event.verno, context.rcvNxt, context.space),

  /** The version consumed last, repeated. */
  repeated: ({ context, event }: Args) => next(event.verno, context.space) === context.rcvNxt,

  /** Sent after the version consumed last and before any other: only an end that was reached sends this (invariant 17). */
  sentAfterVersion: ({ context, event }: Args) => event.verno === context.rcvNxt,

  hasFin: ({ event }: Args) => event.fin === 1,
  fromPeer: ({ context, event }: Args) => event.from === context.peer,
  fromCandidate: ({ context, event }: Args) => event.from === context.nextPeer,
  /**
   * From where this end reaches its peer, or is about to. A peer behind a translator may answer from elsewhere: this end would not
   * take its data from there.
   */
  fromReached: ({ context, event }: Args) => event.from === context.peer || event.from === context.nextPeer,
  atLocal: ({ context, event }: Args) => event.to === context.local,
  atNextLocal: ({ context, event }: Args) => event.to === context.nextLocal,

  /** Data carries no nonce: both flowIDs, and an address of the peer, identify it. */
  fromFlow: ({ context, event }: Args) =>
    event.srcFlow === context.peerFlow &&
    (event.from === context.peer || event.from === context.nextPeer || event.from === context.formerPeer),

  /** A repetition of the SYN that created this flow: same address, flowID, nonce and version (invariant 3, D8). */
  sameHandshake: ({ context, event }: Args) =>
    event.from === context.peer &&
    event.srcFlow === context.peerFlow &&
    event.nonce === context.peerNonce &&
    next(event.verno, context.space) === context.rcvNxt,

  /** A RST that refuses our SYN or SYN-ACK proves that its sender saw it: our own nonce, and the version after ours. */
  refusesThis: ({ context, event }: Args) =>
    event.nonce === context.localNonce && event.ackno === context.sndNxt,

  /** Returns this end's challenge, if the ends use challenges. */
  echoes: ({ context, event }: Args) => challenges(context.capabilities) === 0 || event.echo === 1,
  /** Carries the peer's challenge, if the ends use challenges. */
  isChallenged: ({ context, event }: Args) => challenges(context.capabilities) === 0 || event.challenge === 1,

  /** The flow opens its connection, or the packet proves the connection's keys (invariant 33). */
  proves: ({ context, event }: Args) => context.joins === 0 || event.proves === 1,
  joins: ({ context }: Args) => context.joins === 1,
  /** The peer does not know yet that its proof has arrived. */
  provesAgain: ({ context, event }: Args) => context.joins === 0 && event.proves === 1,

  /** An unproved address gets at most three packets for each of its own (invariant 53). */
  hasCredit: ({ context }: Args) => context.credit > 0,
  /** Only SOURCE names the address: the host there may have sent nothing (invariant 60). */
  isClaimed: ({ context }: Args) => context.claimed === 1,
  candidateIsPeer: ({ context }: Args) => context.nextPeer === context.peer,
  owesProof: ({ context }: Args) => (context.owed & (OWES_PROOF | OWES_HANDSHAKE)) !== 0,
  owesHandshake: ({ context }: Args) => (context.owed & OWES_HANDSHAKE) !== 0,
  owesNothing: ({ context }: Args) => context.owed === 0,
  owesControl: ({ context }: Args) => (context.owed & OWES_CONTROL) !== 0,

  /** The path in use goes on until the next one is proved: both ends can do that, and this one has its address. */
  continues: ({ context, event }: Here) => overlaps(context.capabilities) && event.here === 1,
  /** This end moves to the address that it has. */
  isReturning: ({ context }: Args) => context.nextLocal === context.local,

  /** After the handshake and before the end: a move makes sense. */
  live: or([
    stateIn({ connection: 'CONNECTED' }),
    stateIn({ connection: 'FINWAIT1' }),
    stateIn({ connection: 'FINWAIT2' }),
    stateIn({ connection: 'CLOSING' }),
    stateIn({ connection: 'CLOSEWAIT' }),
    stateIn({ connection: 'LASTACK' }),
  ]),
  responding: stateIn({ connection: 'RESPOND' }),
  over: or([stateIn({ connection: 'TIMEWAIT' }), stateIn({ connection: 'CLOSED' })]),
  still: stateIn({ migration: 'INITIAL' }),

  /** While this end moves, its RSYN carries the FIN: a bare FIN would override the RSYN (invariant 37). */
  moving: or([stateIn({ migration: 'RSYN_SENT' }), stateIn({ migration: 'RSYN_SENT_RECV' })]),
}

export { and, not, or }
