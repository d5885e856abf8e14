/** The assignments of transitions by name: one function per register. */
import { challenges, common, overlaps } from './capabilities.ts'
import type { FlowEvent, Received } from './events.ts'
import {
  CREDIT_AFTER_ANSWER,
  OWES_CONTROL,
  OWES_HANDSHAKE,
  OWES_MOVE,
  OWES_PROOF,
  type Registers,
} from './registers.ts'
import { next, notBefore } from './serial.ts'

interface On<E> {
  readonly context: Registers
  readonly event: E
}
type Packet = On<Received>
type Connect = On<Extract<FlowEvent, { type: 'CONNECT' }>>
type Accept = On<Extract<FlowEvent, { type: 'ACCEPT' }>>
type Confirm = On<Extract<FlowEvent, { type: 'CONFIRM' }>>
type Move = On<Extract<FlowEvent, { type: 'MOVE' }>>

/** The identifiers, addresses and versions of a passive open. */
const passive = {
  localFlow: ({ event }: Accept) => event.flow,
  localNonce: ({ event }: Accept) => event.nonce,
  peerFlow: ({ event }: Accept) => event.peerFlow,
  peerNonce: ({ event }: Accept) => event.peerNonce,
  local: ({ event }: Accept) => event.to,
  peer: ({ event }: Accept) => event.from,
  sndNxt: ({ context, event }: Accept) => next(event.verno, context.space),
  rcvNxt: ({ context, event }: Accept) => next(event.peerVerno, context.space),
  capabilities: ({ event }: Accept) => event.capabilities,
}

export const assigns = {
  /** Active open. */
  open: {
    localFlow: ({ event }: Connect) => event.flow,
    localNonce: ({ event }: Connect) => event.nonce,
    local: ({ event }: Connect) => event.from,
    peer: ({ event }: Connect) => event.to,
    sndNxt: ({ context, event }: Connect) => next(event.verno, context.space),
    capabilities: ({ event }: Connect) => event.capabilities,
    joins: ({ event }: Connect) => event.joins,
    owed: OWES_CONTROL,
  },
  /** Passive open, from the SYN that a listener admitted. */
  admit: {
    ...passive,
    claimed: ({ event }: Accept) => event.claimed,
    joins: ({ event }: Accept) => event.joins,
    credit: CREDIT_AFTER_ANSWER,
    owed: OWES_CONTROL,
  },
  /** Passive open, from the ACK of a stateless SYN-ACK. */
  establish: { ...passive, peerToken: ({ event }: Confirm) => event.token },
  /**
   * Binds the flow to the first instance that answers: its flowID, nonce, version and own address (invariants 44, 45).
   * Its capabilities are proved by its answer alone (invariant 62).
   */
  bind: {
    peerFlow: ({ event }: Packet) => event.srcFlow,
    peerNonce: ({ event }: Packet) => event.nonce,
    peerToken: ({ event }: Packet) => event.token,
    peer: ({ event }: Packet) => event.from,
    rcvNxt: ({ context, event }: Packet) => next(event.verno, context.space),
    capabilities: ({ context, event }: Packet) => common(context.capabilities, event.capabilities),
    owed: OWES_HANDSHAKE,
  },
  /** The ACK of the handshake tells the client's reset token. */
  learnToken: { peerToken: ({ event }: Packet) => event.token },
  /** Another RSYN of this move arrived and is answered. */
  renewCredit: { credit: CREDIT_AFTER_ANSWER },
  spendCredit: { credit: ({ context }: Packet) => (context.credit > 0 ? context.credit - 1 : 0) },
  /** The SYN-ACK or FIN is acknowledged, and with it the proof of the connection's keys. */
  settleControl: {
    joins: 0,
    owed: ({ context }: Packet) => context.owed & (OWES_MOVE | OWES_PROOF | OWES_HANDSHAKE),
  },
  settleMove: {
    owed: ({ context }: Packet) => context.owed & (OWES_CONTROL | OWES_PROOF | OWES_HANDSHAKE),
  },
  settleProof: {
    held: 0,
    joins: 0,
    owed: ({ context }: Packet) => context.owed & (OWES_CONTROL | OWES_MOVE),
  },
  /** Nothing has shown that the peer has the proof: the end stops repeating it. */
  dropProof: {
    held: 0,
    owed: ({ context }: Packet) => context.owed & (OWES_CONTROL | OWES_MOVE),
  },
  /** A FIN consumes a version, and proves what an ACK would have proved. */
  finish: {
    sndNxt: ({ context }: Packet) => next(context.sndNxt, context.space),
    owed: ({ context }: Packet) => (context.owed & OWES_MOVE) | OWES_CONTROL,
  },
  consume: { rcvNxt: ({ context, event }: Packet) => next(event.verno, context.space) },
  /** Accepts the FIN inside a RSYN-ACK, if there is one that was not accepted before. */
  takeFin: {
    rcvNxt: ({ context, event }: Packet) =>
      event.fin === 1 && notBefore(event.verno, context.rcvNxt, context.space)
        ? next(event.verno, context.space)
        : context.rcvNxt,
  },
  /** This end has closed, and sends its FIN to ask whether the peer is still alive. */
  doubt: { owed: ({ context }: Packet) => context.owed | OWES_CONTROL },

  /** This end moves to another address: a new version, which overrides any earlier move (invariant 19). */
  depart: {
    nextLocal: ({ event }: Move) => event.address,
    held: 0,
    sndNxt: ({ context }: Move) => next(context.sndNxt, context.space),
    owed: ({ context }: Move) => (context.owed & OWES_CONTROL) | OWES_MOVE,
  },
  /** This end keeps the last valid address. */
  stay: { nextLocal: 0 },
  /** The same, by a move to that address, because the peer may have heard of the other. */
  goBack: {
    nextLocal: ({ context }: Move) => context.local,
    held: 0,
    sndNxt: ({ context }: Move) => next(context.sndNxt, context.space),
    owed: ({ context }: Move) => (context.owed & OWES_CONTROL) | OWES_MOVE,
  },
  /** The RSYN-ACK has reached the new address. */
  arrive: {
    local: ({ context }: Packet) => context.nextLocal,
    nextLocal: 0,
  },
  /** The packet's challenge is for the newest move: the peer draws one for each. */
  hold: {
    held: ({ context, event }: Packet) =>
      challenges(context.capabilities) === 1 && event.challenge === 1 ? 1 : context.held,
  },
  oweProof: { owed: ({ context }: Packet) => (context.owed & (OWES_CONTROL | OWES_MOVE)) | OWES_PROOF },
  /** The peer claims a new address. */
  consider: {
    formerPeer: ({ context }: Packet) =>
      overlaps(context.capabilities) && context.nextPeer !== 0 && context.nextPeer !== context.peer
        ? context.nextPeer
        : context.formerPeer,
    nextPeer: ({ event }: Packet) => event.from,
    rcvNxt: ({ context, event }: Packet) => next(event.verno, context.space),
    credit: CREDIT_AFTER_ANSWER,
    // Only a server whose handshake is confirmed moves.
    joins: 0,
    owed: ({ context }: Packet) => (context.owed & (OWES_CONTROL | OWES_PROOF)) | OWES_MOVE,
  },
  /** The peer answered from its new address: it is proved. */
  adoptPeer: {
    formerPeer: ({ context }: Packet) =>
      overlaps(context.capabilities) && context.nextPeer !== context.peer ? context.peer : context.formerPeer,
    peer: ({ context }: Packet) => context.nextPeer,
    nextPeer: 0,
  },
  /** The peer's new address was not proved: keeps the last valid one (RFC 9000, 9.3.2). */
  forgetCandidate: { nextPeer: 0 },
  /** Keeps only the identifiers with which the ended flow answers late packets. */
  clear: {
    peerFlow: 0,
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
  },
  /** TIME-WAIT owes nothing on its own. */
  rest: { owed: 0, credit: 0, joins: 0 },
}
