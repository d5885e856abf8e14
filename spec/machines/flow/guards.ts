/** The guards of a flow: each one condition on registers and event. Combinations are made in the machine, where they show. */
import { and, not, or, stateIn } from 'xstate'
import type { Received } from './events.ts'
import { OWES_CONTROL, OWES_HANDSHAKE, OWES_PROOF, type Registers } from './registers.ts'
import { next, notBefore } from './serial.ts'

interface Args {
  readonly context: Registers
  readonly event: Received
}

export const guards = {
  /** From the peer of this flow: its flowID, and the nonce that nobody off the path has seen (invariant 10). */
  authentic: ({ context, event }: Args) =>
    event.nonce === context.peerNonce && event.srcFlow === context.peerFlow,

  /** Covers everything that this end has sent: with one control packet outstanding at a time, nothing less counts. */
  acknowledges: ({ context, event }: Args) => event.ackno === context.sndNxt,

  /** A version not consumed yet. It may skip some: a control packet carries all obligations of those it overrides. */
  fresh: ({ context, event }: Args) => notBefore(event.verno, context.rcvNxt, context.space),

  /** The version consumed last, again. */
  repeated: ({ context, event }: Args) => next(event.verno, context.space) === context.rcvNxt,

  /** Sent after the version consumed last and before any other: only the end that reached it sends this (invariant 17). */
  sentAfterVersion: ({ context, event }: Args) => event.verno === context.rcvNxt,

  hasFin: ({ event }: Args) => event.fin === 1,
  fromPeer: ({ context, event }: Args) => event.from === context.peer,
  fromCandidate: ({ context, event }: Args) => event.from === context.nextPeer,
  atLocal: ({ context, event }: Args) => event.to === context.local,
  atNextLocal: ({ context, event }: Args) => event.to === context.nextLocal,

  /** Data carries no nonce: it is told by both flowIDs and by coming from where the peer is, or says that it is. */
  fromFlow: ({ context, event }: Args) =>
    event.srcFlow === context.peerFlow && (event.from === context.peer || event.from === context.nextPeer),

  /** The SYN that this flow was made from, again: address, flowID, nonce and version together (invariant 3, D8). */
  sameHandshake: ({ context, event }: Args) =>
    event.from === context.peer &&
    event.srcFlow === context.peerFlow &&
    event.nonce === context.peerNonce &&
    next(event.verno, context.space) === context.rcvNxt,

  /** A RST that answers our SYN or SYN-ACK shows that it saw it: our own nonce, and the version after ours. */
  refusesThis: ({ context, event }: Args) =>
    event.nonce === context.localNonce && event.ackno === context.sndNxt,

  /** An address that is not proved gets no more than three packets for each of its own (invariant 53). */
  hasCredit: ({ context }: Args) => context.credit > 0,
  /** Only SOURCE names the address: perhaps the one there has asked for nothing (invariant 60). */
  isClaimed: ({ context }: Args) => context.claimed === 1,
  candidateIsPeer: ({ context }: Args) => context.nextPeer === context.peer,
  owesProof: ({ context }: Args) => (context.owed & (OWES_PROOF | OWES_HANDSHAKE)) !== 0,
  owesHandshake: ({ context }: Args) => (context.owed & OWES_HANDSHAKE) !== 0,
  owesNothing: ({ context }: Args) => context.owed === 0,
  owesControl: ({ context }: Args) => (context.owed & OWES_CONTROL) !== 0,

  /** Handshake done and not yet over: moving makes sense. */
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
