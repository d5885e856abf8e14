/** The packets that a flow sends, as parameters of the effect `transmit`. */
import type { Received } from './events.ts'
import type { Packet } from './packets.ts'
import { ACK, DATA, FIN, RST, RSYN, RSYNACK, SYN, SYNACK } from './packets.ts'
import { OWES_CONTROL, type Registers } from './registers.ts'
import { next, previous } from './serial.ts'

interface Args {
  readonly context: Registers
  readonly event: Received
}

const control = (context: Registers, kind: number, verno: number, from: number, to: number): Packet => ({
  kind,
  verno,
  ackno: context.rcvNxt,
  nonce: context.localNonce,
  fin: 0,
  service: 0,
  srcFlow: context.localFlow,
  dstFlow: context.peerFlow,
  from,
  to,
})

/** SYN, FIN and RSYN consume a version, and are sent again under the one they consumed: the last. */
const consumed = (context: Registers): number => previous(context.sndNxt, context.space)

const syn = ({ context }: Args): Packet => ({
  ...control(context, SYN, consumed(context), context.local, context.peer),
  service: 1,
})

const synack = ({ context }: Args): Packet =>
  control(context, SYNACK, consumed(context), context.local, context.peer)

/** Names the service once more, so that the server knows a first packet from a later one. */
const handshakeAck = ({ context, event }: Args): Packet => ({
  ...control(context, ACK, context.sndNxt, context.local, event.from),
  service: 1,
})

/** The same packet again: some servers find the handshake of an ACK by its service alone. */
const handshakeAgain = ({ context }: Args): Packet => ({
  ...control(context, ACK, context.sndNxt, context.local, context.peer),
  service: 1,
})

/** An answer leaves from this end's own address, whichever its packet came to: it may be taken for a proof of that. */
const answer = ({ context, event }: Args): Packet =>
  control(context, ACK, context.sndNxt, context.local, event.from)

/** In TIME-WAIT nothing is proved any more: the answer goes back the way that the packet came. */
const answerBack = ({ context, event }: Args): Packet =>
  control(context, ACK, context.sndNxt, event.to, event.from)

const proof = ({ context }: Args): Packet =>
  control(context, ACK, context.sndNxt, context.local, context.peer)

const fin = ({ context }: Args): Packet =>
  control(context, FIN, consumed(context), context.local, context.peer)

/** In a live flow the control packet that is owed is a FIN. */
const finIsOwed = (context: Registers): boolean => (context.owed & OWES_CONTROL) !== 0

/** Leaves from the new address, and carries a FIN that is not acknowledged (invariant 21). */
const rsyn = ({ context }: Args): Packet => ({
  ...control(context, RSYN, consumed(context), context.nextLocal, context.peer),
  fin: finIsOwed(context) ? 1 : 0,
})

/**
 * A RSYN-ACK carries a FIN that is not acknowledged, under the FIN's version (invariant 21). The peer waits for a packet
 * of exactly that version from the new address, and a FIN of its own might only go to an address that is dead.
 */
const rsynackTo = (context: Registers, to: number): Packet => ({
  ...control(context, RSYNACK, finIsOwed(context) ? consumed(context) : context.sndNxt, context.local, to),
  fin: finIsOwed(context) ? 1 : 0,
})

/** Tries the peer's new address. From an end that does not move it is also a proof of its own address. */
const rsynack = ({ context }: Args): Packet => rsynackTo(context, context.nextPeer)

/** Without credit for the new address, the end asks at the old one, which is proved. */
const rsynackToPeer = ({ context }: Args): Packet => rsynackTo(context, context.peer)

/** While both move: the own RSYN goes where the peer says that it is, and its ackno answers the peer's. */
const rsynToCandidate = ({ context }: Args): Packet => ({
  ...control(context, RSYN, consumed(context), context.nextLocal, context.nextPeer),
  fin: finIsOwed(context) ? 1 : 0,
})

/** A RSYN of the version that is already proved gets the same answer as the first time (invariant 18). */
const rsynackAgain = ({ context, event }: Args): Packet =>
  control(context, RSYNACK, context.sndNxt, context.local, event.from)

const rst = ({ context }: Args): Packet => control(context, RST, context.sndNxt, context.local, context.peer)

/** A flow that is gone has its nonce still (a host derives it from the flowID): the peer can believe this. */
const rstGone = ({ context, event }: Args): Packet => ({
  ...control(context, RST, event.ackno, event.to, event.from),
  ackno: 0,
  dstFlow: event.srcFlow,
})

/**
 * Nobody serves this name, or another instance answered first. Whoever sent the SYN or SYN-ACK knows its own nonce and
 * version again; ours is not told to a stranger.
 */
const rstRefused = ({ context, event }: Args): Packet => ({
  ...control(context, RST, 0, event.to, event.from),
  ackno: next(event.verno, context.space),
  nonce: event.nonce,
  srcFlow: event.dstFlow,
  dstFlow: event.srcFlow,
})

const data = ({ context }: Args): Packet => ({
  ...control(context, DATA, 0, context.local, context.peer),
  ackno: 0,
  nonce: 0,
})

const transmit = <T>(params: T) => ({ type: 'transmit' as const, params })

export const packets = {
  syn: transmit(syn),
  synack: transmit(synack),
  handshakeAck: transmit(handshakeAck),
  handshakeAgain: transmit(handshakeAgain),
  answer: transmit(answer),
  answerBack: transmit(answerBack),
  proof: transmit(proof),
  fin: transmit(fin),
  rsyn: transmit(rsyn),
  rsynToCandidate: transmit(rsynToCandidate),
  rsynack: transmit(rsynack),
  rsynackToPeer: transmit(rsynackToPeer),
  rsynackAgain: transmit(rsynackAgain),
  rst: transmit(rst),
  rstGone: transmit(rstGone),
  rstRefused: transmit(rstRefused),
  data: transmit(data),
}

/** Helpers and constants that the functions above use, for lowering. */
export const transmitScope = { control, consumed, finIsOwed, rsynackTo }
