/** What transitions store, by name: one function a register. */
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
type Move = On<Extract<FlowEvent, { type: 'MOVE' }>>

/** The names, addresses and versions of a passive open. */
const passive = {
  localFlow: ({ event }: Accept) => event.flow,
  localNonce: ({ event }: Accept) => event.nonce,
  peerFlow: ({ event }: Accept) => event.peerFlow,
  peerNonce: ({ event }: Accept) => event.peerNonce,
  local: ({ event }: Accept) => event.to,
  peer: ({ event }: Accept) => event.from,
  sndNxt: ({ context, event }: Accept) => next(event.verno, context.space),
  rcvNxt: ({ context, event }: Accept) => next(event.peerVerno, context.space),
}

export const assigns = {
  /** Active open. */
  open: {
    localFlow: ({ event }: Connect) => event.flow,
    localNonce: ({ event }: Connect) => event.nonce,
    local: ({ event }: Connect) => event.from,
    peer: ({ event }: Connect) => event.to,
    sndNxt: ({ context, event }: Connect) => next(event.verno, context.space),
    owed: OWES_CONTROL,
  },
  /** Passive open, from the SYN that a listener admitted. */
  admit: {
    ...passive,
    claimed: ({ event }: Accept) => event.claimed,
    credit: CREDIT_AFTER_ANSWER,
    owed: OWES_CONTROL,
  },
  /** Passive open, from the ACK of a SYN-ACK that was sent without a flow. */
  establish: passive,
  /** The instance that answers first is the flow's: its flowID, nonce, version and own address (invariants 44, 45). */
  bind: {
    peerFlow: ({ event }: Packet) => event.srcFlow,
    peerNonce: ({ event }: Packet) => event.nonce,
    peer: ({ event }: Packet) => event.from,
    rcvNxt: ({ context, event }: Packet) => next(event.verno, context.space),
    owed: OWES_HANDSHAKE,
  },
  /** Received another RSYN of this move, answered it. */
  renewCredit: { credit: CREDIT_AFTER_ANSWER },
  spendCredit: { credit: ({ context }: Packet) => (context.credit > 0 ? context.credit - 1 : 0) },
  /** SYN-ACK or FIN is acknowledged. */
  settleControl: {
    owed: ({ context }: Packet) => context.owed & (OWES_MOVE | OWES_PROOF | OWES_HANDSHAKE),
  },
  settleMove: {
    owed: ({ context }: Packet) => context.owed & (OWES_CONTROL | OWES_PROOF | OWES_HANDSHAKE),
  },
  settleProof: { owed: ({ context }: Packet) => context.owed & (OWES_CONTROL | OWES_MOVE) },
  /** A FIN consumes a version and proves what an ACK would have proved. */
  finish: {
    sndNxt: ({ context }: Packet) => next(context.sndNxt, context.space),
    owed: ({ context }: Packet) => (context.owed & OWES_MOVE) | OWES_CONTROL,
  },
  consume: { rcvNxt: ({ context, event }: Packet) => next(event.verno, context.space) },
  /** Takes the FIN inside a RSYN-ACK, if there is one that was not taken before. */
  takeFin: {
    rcvNxt: ({ context, event }: Packet) =>
      event.fin === 1 && notBefore(event.verno, context.rcvNxt, context.space)
        ? next(event.verno, context.space)
        : context.rcvNxt,
  },
  /** This end has closed, and asks by its FIN whether the peer is still there. */
  doubt: { owed: ({ context }: Packet) => context.owed | OWES_CONTROL },

  /** This end leaves for another address: a new version, which overrides any move before it (invariant 19). */
  depart: {
    nextLocal: ({ event }: Move) => event.address,
    sndNxt: ({ context }: Move) => next(context.sndNxt, context.space),
    owed: ({ context }: Move) => (context.owed & OWES_CONTROL) | OWES_MOVE,
  },
  /** This end stays with the last valid address. */
  stay: { nextLocal: 0 },
  /** RSYN-ACK has come to the new address. */
  arrive: {
    local: ({ context }: Packet) => context.nextLocal,
    nextLocal: 0,
  },
  oweProof: { owed: ({ context }: Packet) => (context.owed & (OWES_CONTROL | OWES_MOVE)) | OWES_PROOF },
  /** The peer says that it is at a new address. */
  consider: {
    nextPeer: ({ event }: Packet) => event.from,
    rcvNxt: ({ context, event }: Packet) => next(event.verno, context.space),
    credit: CREDIT_AFTER_ANSWER,
    // Only a server that has the handshake moves.
    owed: ({ context }: Packet) => (context.owed & (OWES_CONTROL | OWES_PROOF)) | OWES_MOVE,
  },
  /** The peer answered from its new address: it is proved. */
  adoptPeer: {
    peer: ({ context }: Packet) => context.nextPeer,
    nextPeer: 0,
  },
  /** The peer's new address was not proved: the last valid one stays (RFC 9000, 9.3.2). */
  forgetCandidate: { nextPeer: 0 },
  /** Nothing is left of the flow but the names under which a late packet is told that it is gone. */
  clear: {
    peerFlow: 0,
    peerNonce: 0,
    local: 0,
    peer: 0,
    nextLocal: 0,
    nextPeer: 0,
    sndNxt: 0,
    rcvNxt: 0,
    credit: 0,
    claimed: 0,
    owed: 0,
  },
  /** TIME-WAIT owes nothing by itself. */
  rest: { owed: 0, credit: 0 },
}
